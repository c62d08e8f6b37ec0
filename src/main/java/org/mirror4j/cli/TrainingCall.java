package org.mirror4j.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import org.mirror4j.device.Device;
import org.mirror4j.train.TrainingListener;

/** Runs a training with its progress shown; one that is interrupted says how to go on. */
final class TrainingCall {
  private TrainingCall() {}

  /**
   * Runs a training.
   *
   * @param task a word for what is done
   * @param output what is written
   * @param training the run itself
   */
  static void run(
      Console console,
      DeviceOptions deviceOptions,
      String task,
      Path output,
      BiConsumer<Device, TrainingListener> training) {
    long start = System.nanoTime();
    try (Device device = deviceOptions.open(console);
        ConsoleListener listener = ConsoleListener.of(console, task)) {
      Thread hook = new Thread(() -> interrupted(console, listener, output));
      Runtime.getRuntime().addShutdownHook(hook);
      try {
        training.accept(device, listener);
      } finally {
        Runtime.getRuntime().removeShutdownHook(hook);
      }
    }
    double seconds = (System.nanoTime() - start) * 1e-9;
    console.result(
        "finished",
        Console.object().put("output", output.toString()).put("seconds", seconds),
        "written to %s in %s".formatted(output, Units.seconds(seconds)));
  }

  private static void interrupted(Console console, ConsoleListener listener, Path output) {
    boolean resumable = Files.isDirectory(Path.of(output + ".training"));
    console
        .err()
        .println(
            "%nmirror4j: interrupted after step %d%s"
                .formatted(
                    listener.lastStep(),
                    resumable
                        ? "; the same command with --resume goes on from the last checkpoint"
                        : ", before anything was written"));
    console.err().flush();
  }
}
