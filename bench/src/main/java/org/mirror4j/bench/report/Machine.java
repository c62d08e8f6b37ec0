package org.mirror4j.bench.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.mirror4j.device.host.HostDevice;

/** What the machine is. */
public final class Machine {
  private Machine() {}

  /** Processor, cores, memory, kernel and Java. */
  public static ObjectNode describe(int threads) throws IOException {
    ObjectNode machine = new ObjectMapper().createObjectNode();
    try (HostDevice device = new HostDevice(threads)) {
      machine.put("device", device.description());
    }
    machine.put("processor", field(Path.of("/proc/cpuinfo"), "model name"));
    machine.put("threads", threads);
    machine.put("memory", field(Path.of("/proc/meminfo"), "MemTotal"));
    machine.put("kernel", System.getProperty("os.version"));
    machine.put("java", Runtime.version().toString());
    return machine;
  }

  /** The processor in letters, digits and dashes, for file names. */
  public static String fileName(int threads) throws IOException {
    return field(Path.of("/proc/cpuinfo"), "model name")
            .toLowerCase(Locale.ROOT)
            .replaceAll("\\((r|tm)\\)|processor|cpu|@.*", " ")
            .strip()
            .replaceAll("[^a-z0-9]+", "-")
        + "-"
        + threads
        + "-threads";
  }

  private static String field(Path file, String key) throws IOException {
    for (String line : Files.readAllLines(file)) {
      if (line.startsWith(key)) {
        return line.substring(line.indexOf(':') + 1).strip();
      }
    }
    return "unknown";
  }
}
