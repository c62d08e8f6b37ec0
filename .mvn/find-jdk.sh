# Finds a JDK for the scripts of the project; sourced by them.
least=25

# A JDK says what it is in a file, so none has to be started to be asked.
is_jdk() {
  local version
  [[ -x $1/bin/java && -x $1/bin/javac && -r $1/release ]] || return 1
  version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
  [[ -n $version && $version -ge $least ]]
}

find_jdk() {
  local candidate on_path
  on_path=$(command -v java || true)
  for candidate in \
    "${JAVA_HOME:-}" \
    "${on_path:+$(dirname "$(dirname "$(readlink -f "$on_path")")")}" \
    /usr/lib/jvm/* /opt/* "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    if [[ -n $candidate ]] && is_jdk "$candidate"; then
      echo "$candidate"
      return
    fi
  done
  return 1
}
