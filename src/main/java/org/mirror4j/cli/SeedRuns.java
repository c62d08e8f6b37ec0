package org.mirror4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.mirror4j.device.Device;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.OutputPath;
import org.mirror4j.train.ComputeOptions;
import org.mirror4j.train.Method;
import org.mirror4j.train.RunOptions;
import org.mirror4j.train.RunRequest;
import org.mirror4j.train.ScoredStep;
import org.mirror4j.train.TrainingListener;
import org.mirror4j.train.TrainingRun;

/**
 * Runs that differ in their seed alone, one after the other, each with an output of its own in one
 * folder, {@code seed-42}; what they score stands beside them in {@code seeds.json}, which grows
 * with each. What was interrupted goes on as a whole: runs that are finished are left as they are.
 *
 * @param seeds in the order in which they run
 * @param method of a seed
 * @param request of a run whose output is the folder
 */
record SeedRuns(
    Console console, List<Long> seeds, LongFunction<Method> method, RunRequest request) {
  private static final String REPORT = "seeds.json";

  /** As {@link TrainingCall.Runs#execute}. */
  TrainingCall.Result execute(Device device, ConsoleListener listener) {
    Path folder = request.output();
    if (Files.exists(folder.resolve("config.json"))) {
      throw new FileException(
          folder + ": holds a model, expected a folder for a model a seed, or nothing");
    }
    boolean begun = seeds.stream().map(this::output).anyMatch(SeedRuns::isBegun);
    for (long seed : seeds) {
      OutputPath.requireApart(output(seed), method.apply(seed).inputs());
      TrainingRun.check(output(seed), options(seed, begun));
    }
    List<SeedScores.Model> done = new ArrayList<>();
    for (long seed : seeds) {
      say(seed, done.size() + 1);
      Method one = method.apply(seed);
      TrainingRun.execute(
          device,
          request.options().overwrite() && done.isEmpty() ? new Replacing(one, this::clear) : one,
          new RunRequest(output(seed), request.store(), request.compute(), options(seed, begun)),
          listener);
      listener.end();
      done.add(new SeedScores.Model(seed, name(seed), ScoredStep.best(output(seed))));
      AtomicFiles.writeFile(
          folder.resolve(REPORT), JsonFiles.bytes(new SeedScores(List.copyOf(done)).json()));
    }
    SeedScores scores = new SeedScores(done);
    TrainingCall.Result written = TrainingCall.Result.of(folder);
    return new TrainingCall.Result(
        scores.text() + written.text(), written.fields().setAll(scores.json()));
  }

  private void say(long seed, int number) {
    if (console.json()) {
      console.event(
          "seed",
          JsonFiles.object().put("seed", seed).put("number", number).put("of", seeds.size()));
    } else {
      console.notice("seed %d, %,d of %,d".formatted(seed, number, seeds.size()));
    }
  }

  private static String name(long seed) {
    return "seed-" + seed;
  }

  private Path output(long seed) {
    return request.output().resolve(name(seed));
  }

  private static boolean isBegun(Path output) {
    return Files.exists(output, LinkOption.NOFOLLOW_LINKS) || TrainingRun.isUnfinished(output);
  }

  /** Of what is gone on with, seeds that were not begun begin. */
  private RunOptions options(long seed, boolean begun) {
    RunOptions asked = request.options();
    return new RunOptions(
        asked.checkpointSteps(),
        asked.checkpointSeconds(),
        asked.resume() && (!begun || isBegun(output(seed))),
        asked.overwrite(),
        asked.tensorBoard().map(runs -> runs.resolve(name(seed))));
  }

  /**
   * What the other runs would replace is gone with the first, or they could not be gone on with.
   */
  private void clear() {
    seeds.stream().skip(1).map(this::output).filter(SeedRuns::isBegun).forEach(TrainingRun::remove);
    try {
      Files.deleteIfExists(request.output().resolve(REPORT));
    } catch (IOException e) {
      throw FileException.of(request.output(), e);
    }
  }

  /**
   * A method that does something as soon as its inputs have been read.
   *
   * @param read what it does
   */
  private record Replacing(Method method, Runnable read) implements Method {
    @Override
    public String recipe() {
      return method.recipe();
    }

    @Override
    public long seed() {
      return method.seed();
    }

    @Override
    public List<Path> inputs() {
      return method.inputs();
    }

    @Override
    public void read(
        Device device, ComputeOptions compute, TrainingListener listener, Consumer<Plan> run) {
      method.read(
          device,
          compute,
          listener,
          plan -> {
            read.run();
            run.accept(plan);
          });
    }
  }
}
