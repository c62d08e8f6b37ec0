package org.mirror4j.device.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import jdk.incubator.vector.FloatVector;
import org.mirror4j.file.FileException;

/** What the operating system says about the machine. */
final class HostSystem {
  private HostSystem() {}

  /**
   * Model of the processor, or its architecture where the system does not tell. Hosts of virtual
   * machines cut the number from the name: then family and model stand in its place, as several
   * generations share what is left.
   */
  static String processor() {
    Path file = Path.of("/proc/cpuinfo");
    String name = field(file, "model name").orElse(System.getProperty("os.arch"));
    Optional<String> numbers =
        field(file, "cpu family")
            .flatMap(
                family ->
                    field(file, "model\t")
                        .map(model -> " (family " + family + " model " + model + ")"));
    return name.matches(".*\\d.*") ? name : name + numbers.orElse("");
  }

  /** Widest vector instructions that are used, as in {@code AVX-512}. */
  static String vectors() {
    int bits = FloatVector.SPECIES_PREFERRED.vectorBitSize();
    String flags = field(Path.of("/proc/cpuinfo"), "flags").orElse("");
    String extension =
        bits == 512 && flags.contains("avx512f")
            ? "AVX-512"
            : bits == 256 && flags.contains("avx2") ? "AVX2" : "vectors";
    return extension + ", " + bits + " bits";
  }

  /**
   * Bytes that can be taken without swapping: what the system reports as available, or what the
   * control groups of this process leave if that is less.
   */
  static long availableBytes() {
    Path processes = Path.of("/proc");
    long available =
        field(processes.resolve("meminfo"), "MemAvailable")
            .map(text -> Long.parseLong(text.replaceAll("\\D", "")) << 10)
            .orElseGet(() -> Runtime.getRuntime().maxMemory());
    return Math.min(available, ControlGroups.freeBytes(processes, Path.of("/sys/fs/cgroup")));
  }

  private static Optional<String> field(Path file, String key) {
    if (!Files.isReadable(file)) {
      return Optional.empty();
    }
    try (Stream<String> lines = read(file).lines()) {
      return lines
          .filter(line -> line.startsWith(key))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException problem) {
      throw FileException.of(file, problem);
    }
  }
}
