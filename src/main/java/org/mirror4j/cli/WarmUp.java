package org.mirror4j.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * What the launcher lets the virtual machine watch, once for each build: help, the vector of a text
 * and the training of the bundled model. From that it makes the cache that later starts take
 * classes and profiles of methods from.
 */
final class WarmUp {
  /** Steps until the methods of a step have been called often enough to be compiled. */
  private static final int STEPS = 20;

  private WarmUp() {}

  /** Runs the commands; none of them matters for itself, so what fails is left out. */
  public static void main(String[] args) throws IOException {
    try (Bundled bundled = Bundled.open()) {
      Path model = bundled.model();
      Path text = Files.writeString(bundled.scratch("text"), "a text\n");
      Path vectors = bundled.scratch("vectors.npy");
      Path words = bundled.frequentWords();
      Path tuned = bundled.scratch("tuned");
      run("--help");
      run("train", "--help");
      run("embed", "--model", model, "--input", text, "--output", vectors);
      run("train", "--model", model, "--corpus", words, "--output", tuned, "--max-steps", STEPS);
      run("embed", "--model", tuned, "--input", text, "--output", vectors);
    }
  }

  private static void run(Object... arguments) {
    String[] strings = Arrays.stream(arguments).map(Object::toString).toArray(String[]::new);
    PrintWriter nowhere = new PrintWriter(PrintWriter.nullWriter());
    Main.run(nowhere, nowhere, strings);
  }
}
