package org.mirror4j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mirror4j.device.Versions;
import org.mirror4j.device.cuda.CudaCard;
import org.mirror4j.device.cuda.CudaDriverLibrary;
import org.mirror4j.device.cuda.CudaLibraries;
import org.mirror4j.device.cuda.CudaUnavailableException;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.file.JsonFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code devices}: what this machine and this build have. */
@Command(
    name = "devices",
    customSynopsis = "mirror4j devices [OPTION...]",
    description = {
      "Shows what was found to compute with, and why the rest is not usable.",
      "Products of matrices are computed by oneDNN where it loads, else by OpenBLAS;"
          + " MIRROR4J_JAVA_OPTIONS=-Dmirror4j.blas=openblas takes the other.",
      "On a card they are computed by cuBLAS; MIRROR4J_CUBLAS=FILE names the library to take."
    })
final class DevicesCommand implements Runnable {
  private static final Path HUGE_PAGES = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");

  @Mixin private OutputOptions output;

  @Override
  public void run() {
    Runtime runtime = Runtime.getRuntime();
    ObjectNode found = JsonFiles.object();
    try (HostDevice device = new HostDevice(runtime.availableProcessors())) {
      found.put("cpu", device.processor());
      found.put("matrix library", device.matrixLibrary());
      found.put("memory free", Units.bytes(device.availableBytes()));
    } catch (IllegalStateException | IllegalArgumentException e) {
      found.put("cpu", "not usable: " + Failures.message(e));
    }
    found.put("huge pages", hugePages(HUGE_PAGES));
    found.put("Java heap", "up to " + Units.bytes(runtime.maxMemory()));
    cuda(found);
    int kernels = KernelLibrary.bundled().all().size();
    found.put("ptx", "usable: interpreter of " + kernels + " kernels");
    List<String> options = ManagementFactory.getRuntimeMXBean().getInputArguments();
    found.put("Java options", options.isEmpty() ? "none" : String.join(" ", options));
    found.put("mirror4j", Versions.mirror4j());
    found.put("Java", Runtime.version() + ", " + System.getProperty("java.vm.vendor"));
    found.put(
        "system",
        "%s %s, %s"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                System.getProperty("os.arch")));
    StringBuilder text = new StringBuilder();
    for (Map.Entry<String, JsonNode> entry : found.properties()) {
      text.append("%-15s %s%n".formatted(entry.getKey(), entry.getValue().textValue()));
    }
    output.console().result("devices", found, text.toString());
  }

  /** The driver, its cards and cuBLAS, as far as they are there. */
  private static void cuda(ObjectNode found) {
    CudaDriverLibrary driver;
    try {
      driver = CudaDriverLibrary.load();
    } catch (CudaUnavailableException e) {
      found.put("cuda", "not usable: " + e.getMessage());
      return;
    }
    try {
      String cublas = CudaLibraries.load().cublas().description();
      found.put("cuda", "usable: card " + driver.firstUsable().ordinal() + ", " + cublas);
    } catch (CudaUnavailableException e) {
      found.put("cuda", "not usable: " + e.getMessage());
    }
    found.put("driver", driver.description());
    for (CudaCard card : driver.cards()) {
      found.put("card " + card.ordinal(), card.description());
    }
  }

  /**
   * Whether the kernel gives large tensors huge pages.
   *
   * @param file where Linux names the modes there are, the one in force in brackets
   */
  static String hugePages(Path file) {
    try {
      Matcher mode = Pattern.compile("\\[(\\w+)]").matcher(Files.readString(file));
      if (!mode.find()) {
        return "unknown: no mode in " + file;
      }
      return mode.group(1).equals("never")
          ? "off: never in " + file
          : "on: " + mode.group(1) + ", used for large tensors";
    } catch (IOException e) {
      return "unknown: cannot read " + file;
    }
  }
}
