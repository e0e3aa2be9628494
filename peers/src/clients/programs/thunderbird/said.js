// What Thunderbird told its user, as soon as it has told nothing new for a second.
const { setTimeout } = ChromeUtils.importESModule("resource://gre/modules/Timer.sys.mjs");
for (let before = -1; before != said.length;) {
  before = said.length;
  await new Promise(resolve => setTimeout(resolve, 1000));
}
return said;
