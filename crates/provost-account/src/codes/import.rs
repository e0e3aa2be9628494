//! What `import` cannot carry from profiles to settings. Alphabetical.

use super::codes;

codes! {
    Import;
    Warning IMPORT_ASSUMED "import-assumed":
        "a value that the file leaves out and its client assumes", fix: "check the value";
    Warning IMPORT_GUESS "import-guess":
        "a setting that no file contains, derived from another one", fix: "write the right value";
    Warning IMPORT_LEFT_OUT "import-left-out":
        "something in a file that settings cannot express", fix: "add a server or method that people can use instead";
    Warning IMPORT_LOGIN "import-login":
        "login names that no single template produces",
        fix: "put the login names into the column username of the user list";
    Error IMPORT_NO_DOMAIN "import-no-domain":
        "no file says which domain it is for", fix: "give the address with --address";
    Warning IMPORT_NO_KEY "import-no-key": "something in a file, used or ignored by its client, that no setting covers";
    Error IMPORT_NO_SERVER "import-no-server":
        "settings need an incoming and an outgoing server", fix: "add the server to the settings";
    Warning IMPORT_OAUTH2 "import-oauth2":
        "a server requires OAuth 2, and profiles do not say where to get tokens",
        fix: "add oauth2: { issuer, scope, auth_url, token_url }", source: "RFC 6749 section 3";
    Error IMPORT_SEVERAL_SERVICES "import-several-services":
        "the files are of several services, and settings are of one",
        fix: "import each service apart, with --address where one file has several";
    Warning IMPORT_USER_LIST "import-user-list":
        "something in a file that belongs to one person and therefore in the user list",
        fix: "put it into the user list";
}
