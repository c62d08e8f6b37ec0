package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.Pooling;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.device.Precision;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.ptx.count.Gpu;
import org.mirror4j.encode.Bundled;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.method.mirror.Recipe;
import org.mirror4j.research.Epoch;
import org.mirror4j.research.EpochModel;
import org.mirror4j.research.LengthStatistics;
import org.mirror4j.text.Tokenizer;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kernels epoch}: what an epoch takes at least. */
@Command(
    name = "epoch",
    sortOptions = false,
    customSynopsis = "mirror4j kernels epoch --recipe NAME [OPTION...]",
    description = {
      "Adds up a time that an epoch of Mirror-BERT cannot stay below on a card, from the counters"
          + " of each kernel and the flops of the matrix products, and shows it by kernel. No"
          + " prediction: see the assumptions that it prints.",
      "With --kernels the epoch with these kernels stands beside that of this build; exit code 1 if"
          + " the results of one are not those of the processor."
    })
final class KernelsEpochCommand implements Callable<Integer> {
  private static final List<String> ASSUMPTIONS =
      List.of(
          "batches of 200 pairs, each of the mean number of tokens, rounded up to a multiple of 64",
          "a kernel takes what its slowest resource takes (memory, issue, arithmetic, shared"
              + " memory)",
          "a matrix product takes its flops at the datasheet's tensor rate, or its bytes if longer",
          "launches, waiting and the host cost nothing; nothing stays in a cache between launches",
          "each kernel is counted with an eighth of a batch and taken eight times",
          "no row of the word embeddings is updated: how many a step has read is up to the text",
          "the pooling is the recipe's; the launch that scales the loss in f16 is left out");

  private static final String BERT_BASE = "bert-base";

  @Spec private CommandSpec command;

  @Option(
      names = "--recipe",
      paramLabel = "NAME",
      required = true,
      description =
          "How texts become views: see 'train'. Without a corpus of yours, word or sentence.")
  private Recipe recipe;

  @Option(
      names = "--corpus",
      paramLabel = "FILE",
      description =
          "One text a line, of which the tokens are counted, with --vocab or --model. Default: the"
              + " counts of the recipe's own corpus.")
  private Path corpus;

  @ArgGroup private TokenCounter counter = new TokenCounter();

  /** Decides how many tokens a text has, and the model also the shape. */
  private static final class TokenCounter {
    @Option(names = "--vocab", paramLabel = "FILE", description = "A vocab.txt of BERT, uncased.")
    private Path vocab;

    @Option(
        names = "--model",
        paramLabel = "DIR",
        description =
            "A model, for its tokenizer and its shape, or bundled for the one that comes with the"
                + " program; bert-base is that shape alone. Default: bert-base.")
    private ModelArgument model;

    /** Whether there is a model, not only a shape. */
    boolean hasModel() {
      return model != null && !model.text().equals(BERT_BASE);
    }
  }

  @Option(
      names = "--gpu",
      paramLabel = "NAME|FILE",
      defaultValue = "rtx2080ti",
      description =
          CardOptions.NAMES
              + ", or a JSON file that describes another card, see kernels/README.md. Default:"
              + " ${DEFAULT-VALUE}.")
  private String card;

  @Option(
      names = "--precision",
      paramLabel = "TYPE",
      defaultValue = "f16",
      description = "f32, tf32, f16 or bf16. Default: ${DEFAULT-VALUE}.")
  private Precision precision;

  @Mixin private KernelFolder folder;

  @Mixin private OutputOptions output;

  @Override
  public Integer call() {
    Gpu gpu = CardOptions.gpu(card, command);
    try (Bundled bundled = Bundled.open()) {
      return add(gpu, counter.hasModel() ? counter.model.path(output.console(), bundled) : null);
    }
  }

  /**
   * @param model its directory; null where only its shape is known
   */
  private int add(Gpu gpu, Path model) {
    BertConfig config =
        model == null ? EpochModel.base() : BertConfig.parse(ModelDirectory.open(model).config());
    Pooling pooling = recipe.settings().pooling();
    LengthStatistics lengths = lengths(model);
    KernelLibrary library = folder.replacing();
    Set<String> replaced = library.replaced().keySet();
    Epoch.Comparison both =
        EpochModel.of(
            library,
            replaced,
            gpu,
            precision,
            recipe.settings(),
            config,
            lengths,
            Runtime.getRuntime().availableProcessors());
    Epoch epoch = both.original();
    ObjectNode fields =
        JsonFiles.object()
            .put("gpu", gpu.name())
            .put("recipe", recipe.label())
            .put("pooling", pooling.label())
            .put("precision", precision.label())
            .put("model", model == null ? BERT_BASE : counter.model.text())
            .put("corpus", lengths.corpus())
            .put("steps", epoch.steps())
            .put("tokensPerStep", epoch.tokensPerStep());
    EpochText.put(fields, epoch);
    if (!replaced.isEmpty()) {
      ObjectNode variant = fields.putObject("variant");
      EpochText.put(variant, both.variant());
      replaced.forEach(variant.putArray("replaced")::add);
      EpochText.put(variant.putArray("results"), both.wrong());
    }
    ArrayNode assumptions = fields.putArray("assumptions");
    ASSUMPTIONS.forEach(assumptions::add);
    output.console().result("epoch", fields, text(gpu, both, replaced, lengths, model == null));
    return both.wrong().values().stream().anyMatch(Optional::isPresent) ? 1 : 0;
  }

  private String text(
      Gpu gpu,
      Epoch.Comparison both,
      Set<String> replaced,
      LengthStatistics lengths,
      boolean ofPaper) {
    Epoch epoch = both.original();
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%s, %s, recipe %s: an epoch of %d steps takes at least %.2f s%s%n",
            gpu.name(),
            precision.label(),
            recipe.label(),
            epoch.steps(),
            epoch.seconds(),
            corpus == null && ofPaper ? " (the paper: 10 to 20 s on two cards)" : ""));
    if (!replaced.isEmpty()) {
      text.append(
          String.format(
              Locale.ROOT,
              "  with kernels of %s in their place %.2f s; kernels %.3f s instead of %.3f s%n",
              folder.path(),
              both.variant().seconds(),
              both.variant().kernelSeconds(),
              epoch.kernelSeconds()));
    }
    text.append(
        String.format(
            Locale.ROOT,
            "  matrix products %.2f s, %.1f Tflop; kernels %.2f s; %,.0f launches, %.0f GB%n",
            epoch.matrixSeconds(),
            epoch.matrixFlops() * 1e-12,
            epoch.kernelSeconds(),
            epoch.launches(),
            epoch.bytes() * 1e-9));
    text.append(
        "  lengths counted in %s: %d tokens a step%n"
            .formatted(lengths.corpus(), epoch.tokensPerStep()));
    EpochText.kernels(both, replaced).forEach(line -> text.append(line).append('\n'));
    EpochText.right(both, replaced)
        .forEach(line -> text.append("  ").append(Failures.oneLine(line)).append('\n'));
    ASSUMPTIONS.forEach(assumption -> text.append("  assumed: ").append(assumption).append('\n'));
    return text.toString();
  }

  private LengthStatistics lengths(Path model) {
    if (corpus == null) {
      require(counter.vocab == null, "--vocab needs --corpus");
      return LengthStatistics.bundled(recipe);
    }
    require(counter.vocab != null || model != null, "--corpus needs --vocab or --model DIR");
    try (Tokenizer tokenizer = tokenizer(model)) {
      return LengthStatistics.count(corpus, tokenizer, recipe);
    }
  }

  private Tokenizer tokenizer(Path model) {
    if (model != null) {
      return Tokenizer.open(ModelDirectory.open(model).path());
    }
    try {
      return Tokenizer.wordPiece(Files.readAllLines(counter.vocab), true);
    } catch (IOException e) {
      throw FileException.of("cannot read " + counter.vocab, e);
    }
  }

  private void require(boolean holds, String message) {
    if (!holds) {
      throw new ParameterException(command.commandLine(), message);
    }
  }
}
