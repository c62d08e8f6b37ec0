package org.mirror4j.bench.report;

import com.fasterxml.jackson.databind.JsonNode;
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
    machine.put("threads", threads);
    machine.put("memory", field(Path.of("/proc/meminfo"), "MemTotal"));
    machine.put("kernel", System.getProperty("os.version"));
    machine.put("java", Runtime.version().toString());
    return machine;
  }

  /**
   * The processor, its vector instructions and the threads, such as {@code AMD EPYC, AVX2, 2
   * threads}: hosts of virtual machines hide the model of a processor, and then its instructions
   * tell it from another.
   */
  static String title(JsonNode machine) {
    String[] device = machine.path("device").asText().split(", ");
    return "%s, %s, %s threads".formatted(device[0], device[1], machine.path("threads").asText());
  }

  /** Name of the file of results: the title in letters, digits and dashes. */
  public static String fileName(JsonNode machine) {
    String title = title(machine).toLowerCase(Locale.ROOT);
    return "cpu-"
        + title.replaceAll("\\((r|tm)\\)|processor|cpu|@[^,]*", "").replaceAll("[^a-z0-9]+", "-")
        + ".json";
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
