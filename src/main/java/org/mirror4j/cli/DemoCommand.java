package org.mirror4j.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.mirror4j.checkpoint.ModelOutput;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.encode.Bundled;
import org.mirror4j.encode.Encoding;
import org.mirror4j.eval.ModelEncoder;
import org.mirror4j.eval.ScoredPairs;
import org.mirror4j.file.OutputLock;
import org.mirror4j.file.OutputPath;
import org.mirror4j.method.mirror.MirrorSettings;
import org.mirror4j.method.mirror.MirrorTraining;
import org.mirror4j.method.mirror.Recipe;
import org.mirror4j.tensor.DType;
import org.mirror4j.text.Corpus;
import org.mirror4j.text.TextPair;
import org.mirror4j.train.ComputeOptions;
import org.mirror4j.train.RunOptions;
import org.mirror4j.train.RunRequest;
import org.mirror4j.train.TrainingRun;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code demo}: the main job on what comes with the program. */
@Command(
    name = "demo",
    sortOptions = false,
    customSynopsis = "mirror4j demo [OPTION...]",
    description =
        "Mirror-tunes the bundled model on frequent words and shows what that did to similarities,"
            + " isotropy and nearest neighbours. Takes a minute or two on a CPU; with a model of"
            + " the size of BERT-base about ten minutes.")
final class DemoCommand implements Runnable {
  private static final Recipe RECIPE = Recipe.SMALL_WORD;

  /** A model that says nothing yet is taken by the mean of its tokens. */
  private static final Encoding AS_THE_MODEL_SAYS =
      new Encoding(Optional.empty(), OptionalInt.empty(), 256, Precision.F32);

  private static final String NEXT =
      """
      Next, a list of your own, one word a line in words.txt; or Google's BERT, which takes minutes a list:
      ./mirror4j train --corpus words.txt --output my-model
      ./mirror4j fetch bert-base-uncased && ./mirror4j demo --model bert-base-uncased
      """;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description =
          "Model to start from: a directory or a name (see fetch). Default: bundled, the one that"
              + " comes with the program.")
  private ModelArgument model = ModelArgument.BUNDLED;

  @Option(
      names = "--corpus",
      paramLabel = "FILE",
      description = "Words to tune on, one a line. Default: the 10,000 bundled ones.")
  private Path corpus;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Keep the tuned model in DIR. Default: it is not kept.")
  private Path target;

  @Option(names = "--overwrite", description = "Replace the output where it is there.")
  private boolean overwrite;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "Of dropout and order. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Mixin private DeviceOptions deviceOptions;
  @Mixin private OutputOptions output;

  @Override
  public void run() {
    Console console = output.console();
    long start = System.nanoTime();
    console.notice(
        "demo: tunes %s on %s and compares it before and after%s"
            .formatted(
                model.isBundled() ? "the bundled model" : model,
                corpus == null ? "10,000 bundled words" : corpus,
                model.isBundled() ? "; a minute or two on a CPU" : ""));
    try (OutputLock _ = target == null ? null : ModelOutput.lock(target, overwrite);
        Bundled bundled = Bundled.open();
        Device device = deviceOptions.open(console)) {
      Path from = model.path(console, bundled);
      Path words = corpus != null ? corpus : bundled.frequentWords();
      Path to = bundled.scratch("tuned");
      if (target != null) {
        OutputPath.requireApart(target, List.of(from, words));
      }
      tune(console, device, from, words, to);
      if (target != null) {
        ModelOutput.copy(to, target, overwrite);
      }
      List<String> list;
      try (Corpus read = Corpus.read(words, Corpus.Options.DEFAULT)) {
        list = read.pairs().map(TextPair::left).distinct().toList();
      }
      ScoredPairs pairs = ScoredPairs.read(bundled.wordPairs(), notice -> {});
      DemoReport report =
          new DemoReport(
              pairs.pairs().size(),
              measure(console, device, from, model.text(), list, pairs),
              measure(console, device, to, "tuned", list, pairs));
      console.result("demo", report.json(), report.text());
    }
    String kept = target == null ? "" : ", the tuned model is in " + target;
    console.notice(
        "done in %s%s".formatted(Units.seconds((System.nanoTime() - start) * 1e-9), kept));
    NEXT.lines().forEach(console::notice);
  }

  private void tune(Console console, Device device, Path from, Path words, Path to) {
    try (ConsoleListener listener = ConsoleListener.of(console, "tune")) {
      TrainingRun.execute(
          device,
          new MirrorTraining(
              from,
              model.text(),
              words,
              corpus == null ? "bundled words" : words.toString(),
              RECIPE.label(),
              settings()),
          new RunRequest(
              to,
              DType.F32,
              ComputeOptions.DEFAULT,
              new RunOptions(RunOptions.NEVER, RunOptions.NEVER, false, false)),
          listener);
    }
  }

  private MirrorSettings settings() {
    return RECIPE.settings().with(Map.of("seed", seed));
  }

  private static DemoReport.State measure(
      Console console,
      Device device,
      Path path,
      String name,
      List<String> words,
      ScoredPairs pairs) {
    console.notice("measuring ...");
    try (ModelEncoder encoder =
        new ModelEncoder(device, path, name, AS_THE_MODEL_SAYS, new Listener(console))) {
      return DemoReport.measure(device, encoder, words, pairs);
    }
  }

  /** Tells what is measured. */
  private record Listener(Console console) implements ModelEncoder.Listener {
    @Override
    public void notice(String message) {
      console.notice(message);
    }

    @Override
    public void warning(String message) {
      console.warning(message);
    }

    @Override
    public void progress(String what, long done, long of) {
      console.notice("%,d of %,d %s".formatted(done, of, what));
    }
  }
}
