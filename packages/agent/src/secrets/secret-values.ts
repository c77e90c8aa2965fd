/** A value that must not be seen, and what stands in its place. */
export interface Secret {
  /** The variable or file that holds it. */
  readonly name: string;
  /** Of one line. */
  readonly value: string;
}

const SHORTEST = 8;
/** From this length on words joined together are a pass phrase rather than a setting. */
const SHORTEST_OF_WORDS = 20;
const SHORTEST_TOKEN = 20;
const FEWEST_CHARACTERS = 5;

const SECRET_NAME =
  /(?:^|[_.-])(?:api_?)?(?:key|token|secret|pass|passwd|password|passphrase|pwd|credentials?|auth|pat|dsn)s?(?:[_.-](?:base64|value|prod|dev|test|\d+))?$/i;
/** Variables of a shell that end like one. */
const NO_SECRET = new Set(["PWD", "OLDPWD"]);

const COMMON = new Set(
  (
    "changeme password password1 password123 passw0rd p@ssw0rd secret123 admin123 test1234 qwerty123 localhost development " +
    "production disabled required optional undefined 127.0.0.1 anonymous"
  ).split(" "),
);

/** Lower case before upper case in a word starts another word in it, as in `apiKey`. */
function looksSecret(name: string): boolean {
  return !NO_SECRET.has(name) && SECRET_NAME.test(name.replace(/([a-z\d])([A-Z])/g, "$1_$2"));
}

/** Whether a value is long and random enough that wherever it stands it is no accident. */
function isRandom(value: string): boolean {
  if (value.length < SHORTEST || COMMON.has(value.toLowerCase())) return false;
  if (new Set(value).size < FEWEST_CHARACTERS || isPlaceholder(value) || isPath(value)) return false;
  // Numbers, dates, versions and addresses.
  if (/^[\d.:/ -]+$/.test(value)) return false;
  const isWords = /^[A-Za-z]+(?:[-_. ][A-Za-z]+)*$/.test(value);
  return !isWords || value.length >= SHORTEST_OF_WORDS;
}

function isPlaceholder(value: string): boolean {
  return /^(?:<.*>|\$.*|%\w+%|\{\{.*|your[-_ ].*)$/i.test(value);
}

function isPath(value: string): boolean {
  return /^(?:~|\.{1,2})?(?:\/[\w.@-]+)+\/?$/.test(value) || /^[A-Z]:[\\/]/i.test(value) || value.startsWith("file:");
}

/** Takes out of a variable what of it is secret: all of it when its name says so, or the password of a URL. */
export function secretsOfVariable(name: string, value: string): Secret[] {
  const text = value.trim();
  const password = passwordOfUrl(text);
  if (password !== undefined) return isRandom(password) ? [{ name, value: password }] : [];
  if (/^https?:\/\//.test(text) || !looksSecret(name)) return [];
  // Of a value of several lines, as a key in PEM, any line may be shown alone.
  return text
    .split(/\r?\n|\\n/)
    .filter((line) => isRandom(line.trim()) && !line.startsWith("-----"))
    .map((line) => ({ name, value: line.trim() }));
}

/** The same for a setting of a file that people keep passwords and tokens in, whose names say less. */
export function secretsOfSetting(name: string, value: string): Secret[] {
  const found = secretsOfVariable(name, value);
  return found.length === 0 && isToken(value) ? [{ name, value }] : found;
}

/** Whether nobody would have thought of it: letters and figures in one long word. */
function isToken(value: string): boolean {
  return (
    value.length >= SHORTEST_TOKEN &&
    /^[\w+/=.~-]+$/.test(value) &&
    /\d/.test(value) &&
    /[A-Za-z]/.test(value) &&
    new Set(value).size >= 12 &&
    isRandom(value)
  );
}

function passwordOfUrl(text: string): string | undefined {
  return /^[\w+.-]+:\/\/[^/\s:@]*:([^\s@]+)@/.exec(text)?.[1];
}

/** The secrets among the variables of an environment. */
export function secretsOfEnvironment(environment: NodeJS.ProcessEnv): Secret[] {
  return Object.entries(environment).flatMap(([name, value = ""]) => secretsOfVariable(name, value));
}
