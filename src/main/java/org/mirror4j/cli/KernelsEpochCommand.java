package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import org.mirror4j.device.Pooling;
import org.mirror4j.device.kernel.KernelLibrary;
import org.mirror4j.device.ptx.count.Gpu;
import org.mirror4j.kernels.EpochLengths;
import org.mirror4j.kernels.EpochModel;
import org.mirror4j.tensor.DType;
import org.mirror4j.train.Recipe;
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
    description =
        "Adds up a time that an epoch of BERT-base cannot stay below on a card, from the counters"
            + " of each kernel and the flops of the matrix products. No prediction: see the"
            + " assumptions that it prints.")
final class KernelsEpochCommand implements Runnable {
  private static final List<String> ASSUMPTIONS =
      List.of(
          "batches of 200 pairs, each of the mean number of tokens, rounded up to a multiple of 64",
          "a kernel takes what its slowest resource takes (memory, issue, arithmetic, shared"
              + " memory)",
          "a matrix product takes its flops at the datasheet's tensor rate, or its bytes if longer",
          "launches, waiting and the host cost nothing; nothing stays in a cache between launches",
          "each kernel is counted with an eighth of a batch and taken eight times",
          "the pooling is the recipe's; the launch that scales the loss in f16 is left out");

  @Spec private CommandSpec command;

  @Option(
      names = "--recipe",
      paramLabel = "NAME",
      required = true,
      description = "word or sentence: decides how many tokens a batch has.")
  private String recipe;

  @Option(
      names = "--gpu",
      paramLabel = "NAME",
      defaultValue = "rtx2080ti",
      description = "rtx2080ti, rtx3090, a100 or h200. Default: ${DEFAULT-VALUE}.")
  private String card;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      defaultValue = "bert-base",
      description = "bert-base, the only one there are counters for.")
  private String model;

  @Option(
      names = "--precision",
      paramLabel = "TYPE",
      defaultValue = "f16",
      description = "f32, f16 or bf16. Default: ${DEFAULT-VALUE}.")
  private DType precision;

  @Mixin private KernelFolder folder;

  @Mixin private OutputOptions output;

  @Override
  public void run() {
    if (!model.equals("bert-base")) {
      throw new ParameterException(
          command.commandLine(), "--model is '" + model + "', expected bert-base");
    }
    EpochLengths lengths = EpochLengths.of(recipe);
    Pooling pooling = Recipe.valueOf(recipe.toUpperCase(Locale.ROOT)).settings().pooling();
    KernelLibrary library = folder.library();
    Gpu gpu = gpu();
    EpochModel.Epoch epoch =
        EpochModel.of(
            library, gpu, precision, pooling, lengths, Runtime.getRuntime().availableProcessors());
    ObjectNode fields =
        Console.object()
            .put("gpu", gpu.name())
            .put("recipe", recipe)
            .put("pooling", pooling.label())
            .put("precision", precision.label())
            .put("corpus", lengths.corpus())
            .put("steps", epoch.steps())
            .put("tokensPerStep", epoch.tokensPerStep())
            .put("launches", epoch.launches())
            .put("bytes", epoch.bytes())
            .put("matrixFlops", epoch.matrixFlops())
            .put("matrixSeconds", epoch.matrixSeconds())
            .put("kernelSeconds", epoch.kernelSeconds())
            .put("seconds", epoch.seconds());
    ArrayNode assumptions = fields.putArray("assumptions");
    ASSUMPTIONS.forEach(assumptions::add);
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%s, %s, recipe %s: an epoch of %d steps takes at least %.2f s (the paper: 10 to 20 s"
                + " on two cards)%n",
            gpu.name(),
            precision.label(),
            recipe,
            epoch.steps(),
            epoch.seconds()));
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
    ASSUMPTIONS.forEach(assumption -> text.append("  assumed: ").append(assumption).append('\n'));
    output.console().result("epoch", fields, text.toString());
  }

  private Gpu gpu() {
    return Gpu.ALL.stream()
        .filter(gpu -> gpu.name().replace(" ", "").equalsIgnoreCase(card))
        .findFirst()
        .orElseThrow(
            () ->
                new ParameterException(
                    command.commandLine(),
                    "--gpu is '" + card + "', expected rtx2080ti, rtx3090, a100 or h200"));
  }
}
