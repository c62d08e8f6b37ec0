package org.mirror4j.bench.contest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Environment variables of a fork. JMH passes none, so each environment is a script in place of the
 * Java that it starts.
 */
public enum Environment {
  /** The launcher's: the engine has its own threads, each library call stays on its caller's. */
  ENGINE(Map.of("OMP_NUM_THREADS", "1")),
  /** A library that brings its own threads, as it comes. */
  RIVAL(Map.of()),
  /** The same with a C library that keeps freed memory, in huge pages. */
  RIVAL_KEEPING_MEMORY(
      Map.of(
          "GLIBC_TUNABLES",
          "glibc.malloc.hugetlb=1:glibc.malloc.arena_max=1:glibc.malloc.mmap_max=0"
              + ":glibc.malloc.trim_threshold=17179869184:glibc.malloc.top_pad=268435456"));

  /** A variable with a command that each fork is started by, as in {@code taskset -c 0,1}. */
  private static final String PREFIX = "BENCH_FORK_PREFIX";

  private final Map<String, String> variables;

  Environment(Map<String, String> variables) {
    this.variables = new TreeMap<>(variables);
  }

  /** The script that starts Java in this environment, written into {@code folder}. */
  Path java(Path folder, int threads) {
    StringBuilder script = new StringBuilder("#!/bin/sh\n");
    variables.forEach((name, value) -> script.append("export %s=%s%n".formatted(name, value)));
    if (this != ENGINE) {
      script.append("export OMP_NUM_THREADS=%d%n".formatted(threads));
    }
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    // JMH also starts Java only to ask for its version.
    script.append("case \"$*\" in *ForkedMain*) prefix=${%s:-} ;; esac%n".formatted(PREFIX));
    script.append("exec ${prefix:-} '%s' \"$@\"%n".formatted(java));
    try {
      Files.createDirectories(folder);
      Path file = folder.resolve("java-%s-%d".formatted(label(), threads));
      Files.writeString(file, script);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
      return file;
    } catch (IOException problem) {
      throw new UncheckedIOException(problem);
    }
  }

  private String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
