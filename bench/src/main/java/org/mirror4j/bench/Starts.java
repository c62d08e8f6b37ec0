package org.mirror4j.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.mirror4j.bench.contest.Checkout;
import org.mirror4j.file.AtomicFiles;

/** Short commands by the launcher, from the start of its process to its end. */
final class Starts {
  private static final int RUNS = 9;

  private Starts() {}

  /** Median seconds of a help and of the vector of one text with the bundled model. */
  static ObjectNode run() throws IOException {
    Path folder = Files.createTempDirectory("starts");
    try {
      String launcher = Checkout.path("mirror4j").toString();
      List<String> help = List.of(launcher, "--help");
      List<String> embed =
          List.of(
              launcher,
              "embed",
              "--model",
              Checkout.path("src/main/resources/org/mirror4j/bundled/model").toString(),
              "--input",
              Files.writeString(folder.resolve("text"), "a text of a few words\n").toString(),
              "--output",
              folder.resolve("vector.npy").toString());
      // The first start of a build makes what later ones read.
      Children.output(help);
      double[] helps = new double[RUNS];
      double[] embeds = new double[RUNS];
      for (int i = 0; i < RUNS; i++) {
        helps[i] = seconds(help);
        embeds[i] = seconds(embed);
      }
      ObjectNode result = new ObjectMapper().createObjectNode();
      result.put("runs", RUNS);
      result.put("helpSeconds", median(helps));
      result.put("embedSeconds", median(embeds));
      return result;
    } finally {
      AtomicFiles.deleteTree(folder);
    }
  }

  private static double seconds(List<String> command) throws IOException {
    long start = System.nanoTime();
    Children.run(command);
    return (System.nanoTime() - start) * 1e-9;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
