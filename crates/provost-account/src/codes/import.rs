//! What `import` cannot carry from profiles to settings. Alphabetical.

use super::codes;

codes! {
    Import;
    Warning IMPORT_ASSUMED "import-assumed":
        "a value that the file does not say, and that its client uses",
        fix: "look whether the value is right";
    Warning IMPORT_GUESS "import-guess":
        "a setting that no file says, made of another one",
        fix: "write the right value";
    Warning IMPORT_LEFT_OUT "import-left-out":
        "something in a file that settings have no way to say",
        fix: "add to the settings what people can use instead";
    Warning IMPORT_LOGIN "import-login":
        "login names that no single rule makes from addresses",
        fix: "put the login names into the user list's column username";
    Error IMPORT_NO_DOMAIN "import-no-domain":
        "no file says for which domain it is",
        fix: "say whose file it is with --address";
    Warning IMPORT_NO_KEY "import-no-key": "something that a file says, or a client passes over, and no setting is for";
    Error IMPORT_NO_SERVER "import-no-server":
        "settings need servers to receive from and to send through",
        fix: "add the server to the settings";
    Warning IMPORT_OAUTH2 "import-oauth2":
        "a server wants OAuth 2, and profiles do not say where tokens come from",
        fix: "add oauth2: { issuer, scope, auth_url, token_url }",
        source: "RFC 6749 section 3";
    Warning IMPORT_USER_LIST "import-user-list":
        "something in a file that belongs to one person, so into the user list",
        fix: "put it into the user list";
}
