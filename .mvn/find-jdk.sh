# Finds a JDK for the scripts of the project; sourced by them.
least=25

# A JDK says what it is in a file, so none has to be started to be asked.
is_jdk() {
  local line version=
  [[ -x $1/bin/java && -x $1/bin/javac && -r $1/release ]] || return 1
  while IFS= read -r line || [[ -n $line ]]; do
    if [[ $line == JAVA_VERSION=\"* ]]; then
      version=${line#*\"}
      version=${version%%[!0-9]*}
    fi
  done <"$1/release"
  [[ -n $version && $version -ge $least ]]
}

# Sets jdk: what JAVA_HOME names, else what java on the PATH belongs to, else the first in the usual
# folders.
find_jdk() {
  local candidate on_path='' first=''
  if [[ -n ${JAVA_HOME:-} ]] && is_jdk "$JAVA_HOME"; then
    jdk=$JAVA_HOME
    [[ $jdk == /* ]] || jdk=$PWD/$jdk
    return
  fi
  if type -P java >/dev/null; then
    hash java
    on_path=${BASH_CMDS[java]}
  fi
  for candidate in \
    /usr/lib/jvm/* /opt/* "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    if is_jdk "$candidate"; then
      first=${first:-$candidate}
      if [[ $candidate/bin/java -ef $on_path ]]; then
        jdk=$candidate
        return
      fi
    elif [[ -n $on_path && $candidate/bin/java -ef $on_path ]]; then
      on_path= # known, and none that serves
    fi
  done
  if [[ -n $on_path ]]; then
    [[ ! -L $on_path ]] || on_path=$(readlink -f "$on_path")
    if is_jdk "${on_path%/bin/*}"; then
      jdk=${on_path%/bin/*}
      return
    fi
  fi
  jdk=$first
  [[ -n $jdk ]]
}
