/** What a command may see of the user's variables, group by group. Whatever is not named here stays out. */
const passed = [
  // Who runs it, where, and with what programs.
  "HOME LOGNAME USER SHELL PATH TMPDIR TMP TEMP",
  // Language and time.
  "LANG LANGUAGE TZ",
  // Folders of settings and caches; not XDG_RUNTIME_DIR, which holds the sockets of agents and key rings.
  "XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME",
  // The way to the network: proxies and the certificates to trust.
  "ALL_PROXY HTTP_PROXY HTTPS_PROXY NO_PROXY all_proxy http_proxy https_proxy no_proxy",
  "CURL_CA_BUNDLE NODE_EXTRA_CA_CERTS REQUESTS_CA_BUNDLE SSL_CERT_DIR SSL_CERT_FILE",
  // JavaScript; neither NODE_OPTIONS nor NODE_ENV, which are about the process that bough itself is.
  "BUN_INSTALL COREPACK_HOME DENO_DIR DENO_INSTALL FNM_DIR FNM_MULTISHELL_PATH NVM_BIN NVM_DIR N_PREFIX PNPM_HOME",
  "VOLTA_HOME",
  // Python.
  "CONDA_DEFAULT_ENV CONDA_EXE CONDA_PREFIX PIPX_HOME POETRY_HOME PYENV_ROOT PYENV_VERSION UV_CACHE_DIR VIRTUAL_ENV",
  // C and C++.
  "CC CFLAGS CMAKE_PREFIX_PATH CPATH CPLUS_INCLUDE_PATH CPPFLAGS CXX CXXFLAGS C_INCLUDE_PATH LDFLAGS LD_LIBRARY_PATH",
  "LIBRARY_PATH PKG_CONFIG_PATH",
  // Go and Rust.
  "CARGO_HOME CARGO_TARGET_DIR GOBIN GOCACHE GOFLAGS GOMODCACHE GOPATH GOPROXY GOROOT GOTOOLCHAIN RUSTUP_HOME",
  "RUSTUP_TOOLCHAIN",
  // Java and Android.
  "ANDROID_HOME ANDROID_SDK_ROOT GRADLE_USER_HOME JAVA_HOME MAVEN_HOME SDKMAN_DIR",
  // Ruby, Perl, R, OCaml, Haskell, Julia, .NET.
  "BUNDLE_PATH GEM_HOME GEM_PATH RBENV_ROOT PERL5LIB R_LIBS_USER CAML_LD_LIBRARY_PATH OPAM_SWITCH_PREFIX STACK_ROOT",
  "JULIA_DEPOT_PATH DOTNET_ROOT NUGET_PACKAGES",
  // macOS, Nix and the managers of versions.
  "DEVELOPER_DIR HOMEBREW_CELLAR HOMEBREW_PREFIX HOMEBREW_REPOSITORY MACOSX_DEPLOYMENT_TARGET SDKROOT",
  "NIX_PATH NIX_PROFILES NIX_SSL_CERT_FILE ASDF_DATA_DIR ASDF_DIR MISE_DATA_DIR",
].flatMap((names) => names.split(" "));

/** So that nothing waits for a person, opens a pager or takes a lock that a person's git would trip over. */
const fixed = {
  DEBIAN_FRONTEND: "noninteractive",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_PAGER: "cat",
  GIT_TERMINAL_PROMPT: "0",
  MANPAGER: "cat",
  PAGER: "cat",
  // Otherwise Python holds back what it prints, and a command that is stopped seems to have said nothing.
  PYTHONUNBUFFERED: "1",
  TERM: "dumb",
};

/** The environment of a model's command: an allow-list of the given one, without what could hold a key or a token. */
export function commandEnvironment(environment: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || holdsPassword(value)) continue;
    if (passed.includes(name) || name.startsWith("LC_")) result[name] = value;
  }
  return { ...result, ...fixed };
}

/** A proxy's or registry's URL may carry a name and a password. */
function holdsPassword(value: string): boolean {
  return /:\/\/[^/\s]*@/.test(value);
}
