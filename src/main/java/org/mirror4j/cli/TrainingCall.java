package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.mirror4j.device.Device;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.ProcessEnd;
import org.mirror4j.train.Method;
import org.mirror4j.train.RunRequest;
import org.mirror4j.train.TrainingRun;

/**
 * Runs a training with its progress shown. At a signal the step at work is finished, a checkpoint
 * written and said how to go on; a second signal ends the process at once.
 */
final class TrainingCall {
  private TrainingCall() {}

  /** One run or several. */
  @FunctionalInterface
  interface Runs {
    Result execute(Device device, ConsoleListener listener);
  }

  /**
   * What is said at the end.
   *
   * @param text for people, who are also told how long it took
   * @param fields for programs
   */
  record Result(String text, ObjectNode fields) {
    /** Of what was written to an output. */
    static Result of(Path output) {
      return new Result(
          "written to " + output, JsonFiles.object().put("output", output.toString()));
    }
  }

  /**
   * Runs a training.
   *
   * @param opening gives the device, which is closed in the end
   * @param task a word for what is done
   */
  static void run(
      Console console,
      Function<Console, Device> opening,
      String task,
      Method method,
      RunRequest request) {
    run(
        console,
        opening,
        task,
        (device, listener) -> {
          TrainingRun.execute(device, method, request, listener);
          return Result.of(request.output());
        });
  }

  /** Runs trainings one after the other; a signal ends all. */
  static void run(Console console, Function<Console, Device> opening, String task, Runs runs) {
    long start = System.nanoTime();
    CountDownLatch over = new CountDownLatch(1);
    Result result;
    try (Device device = opening.apply(console);
        ConsoleListener listener = ConsoleListener.of(console, task);
        ProcessEnd.Registration _ = ProcessEnd.stopping(() -> stop(console, listener, over))) {
      try {
        result = runs.execute(device, listener);
      } catch (RuntimeException | Error e) {
        if (listener.stopRequested()) {
          // Said here: when this thread is through, the process is no more.
          listener.end();
          say(console, Failures.message(e));
        }
        throw e;
      } finally {
        over.countDown();
      }
    }
    double seconds = (System.nanoTime() - start) * 1e-9;
    console.result(
        "finished",
        result.fields().put("seconds", seconds),
        "%s in %s".formatted(result.text(), Units.seconds(seconds)));
  }

  private static void stop(Console console, ConsoleListener listener, CountDownLatch over) {
    DefaultSignals.restore();
    if (!listener.requestStop()) {
      say(
          console,
          listener.hasFinished()
              ? "interrupted outside of training; what is finished stays"
              : "interrupted before the first step; nothing has changed");
      return;
    }
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void say(Console console, String message) {
    console.err().println("mirror4j: " + message);
    console.err().flush();
  }
}
