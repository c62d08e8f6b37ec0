package org.mirror4j.bench.contest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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

  private final Map<String, String> variables;

  Environment(Map<String, String> variables) {
    this.variables = new TreeMap<>(variables);
  }

  /** The script that starts Java in this environment, written into {@code folder}. */
  Path java(Path folder, int threads) {
    StringBuilder script = new StringBuilder("#!/bin/sh\n");
    variables().forEach((name, value) -> script.append("export %s=%s%n".formatted(name, value)));
    if (this != ENGINE) {
      script.append("export OMP_NUM_THREADS=%d%n".formatted(threads));
    }
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    script.append("exec '%s' \"$@\"%n".formatted(java));
    try {
      Files.createDirectories(folder);
      Path file = folder.resolve("java-%s-%d".formatted(label(), threads));
      Files.writeString(file, script);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
      return file;
    } catch (IOException problem) {
      throw new java.io.UncheckedIOException(problem);
    }
  }

  /** The variables that are set besides {@code OMP_NUM_THREADS}. */
  public Map<String, String> variables() {
    return variables;
  }

  /** The name in results. */
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }
}
