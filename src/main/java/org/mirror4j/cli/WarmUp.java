package org.mirror4j.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.mirror4j.encode.Bundled;
import picocli.CommandLine.Command;

/**
 * What the launcher lets the virtual machine watch, once for each build, to make the archives that
 * later starts take their classes from: with the argument {@code help} the help of all commands,
 * else the vector of a text and a training of the bundled model.
 */
final class WarmUp {
  private WarmUp() {}

  /** Runs the commands; none of them matters for itself, so what fails is left out. */
  public static void main(String[] args) throws IOException {
    if (List.of(args).contains("help")) {
      run("--help");
      for (Class<?> command : Main.COMMANDS) {
        run(command.getAnnotation(Command.class).name(), "--help");
      }
    } else {
      embedAndTrain();
    }
  }

  private static void embedAndTrain() throws IOException {
    try (Bundled bundled = Bundled.open()) {
      Path model = bundled.model();
      Path text = Files.writeString(bundled.scratch("text"), "a text\n");
      Path vectors = bundled.scratch("vectors.npy");
      Path words = bundled.frequentWords();
      Path tuned = bundled.scratch("tuned");
      run("embed", "--model", model, "--input", text, "--output", vectors);
      run("train", "--model", model, "--corpus", words, "--output", tuned, "--max-steps", 2);
    }
  }

  private static void run(Object... arguments) {
    String[] strings = Arrays.stream(arguments).map(Object::toString).toArray(String[]::new);
    PrintWriter nowhere = new PrintWriter(PrintWriter.nullWriter());
    Main.run(nowhere, nowhere, strings);
  }
}
