# Finds a JDK for the scripts of the project; sourced by them.
least=25

# A JDK says what it is in a file, so none has to be started to be asked.
is_jdk() {
  local line version=
  [[ -x $1/bin/java && -x $1/bin/javac && -r $1/release ]] || return 1
  while IFS= read -r line; do
    if [[ $line == JAVA_VERSION=\"* ]]; then
      version=${line#*\"}
      version=${version%%[!0-9]*}
    fi
  done <"$1/release"
  [[ -n $version && $version -ge $least ]]
}

find_jdk() {
  local candidate on_path
  if [[ -n ${JAVA_HOME:-} ]] && is_jdk "$JAVA_HOME"; then
    echo "$JAVA_HOME"
    return
  fi
  on_path=$(command -v java || true)
  [[ ! -L $on_path ]] || on_path=$(readlink -f "$on_path")
  for candidate in \
    "${on_path:+${on_path%/bin/*}}" \
    /usr/lib/jvm/* /opt/* "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    if [[ -n $candidate ]] && is_jdk "$candidate"; then
      echo "$candidate"
      return
    fi
  done
  return 1
}
