// What the account hub does with a name, an address and a password: finds a configuration, tries it, makes the account.
const [name, address, password] = arguments;
const from = module => ChromeUtils.importESModule(`resource:///modules/accountcreation/${module}.sys.mjs`);
const { FindConfig } = from("FindConfig");
const { AccountConfig } = from("AccountConfig");
const { ConfigVerifier } = from("ConfigVerifier");
const { CreateInBackend } = from("CreateInBackend");
const { signal } = new AbortController();
const stream = FindConfig.parallelAutoDiscovery(address.split("@")[1], address, signal);
let found = await stream.next();
while (!found.done) {
  found = await stream.next(false);
}
const config = found.value;
if (!config) {
  return { error: "no configuration found" };
}
AccountConfig.replaceVariables(config, name, address, password);
try {
  const verified = await new ConfigVerifier(null, signal).verifyConfig(config, false);
  config.incoming.auth = verified.incoming.auth;
  config.incoming.username = verified.incoming.username;
} catch (error) {
  return { error: `not verified: ${error?.message ?? error}` };
}
config.rememberPassword = true;
await CreateInBackend.createAccountInBackend(config);
return { source: config.subSource };
