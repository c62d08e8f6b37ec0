import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.checkpoint.AtomicFiles;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.device.GemmSpec;
import org.mirror4j.device.Kernels;
import org.mirror4j.device.Pooling;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.Corpus;
import org.mirror4j.train.ComputeOptions;
import org.mirror4j.train.MirrorTraining;
import org.mirror4j.train.Recipe;
import org.mirror4j.train.RunOptions;
import org.mirror4j.train.StepRecord;
import org.mirror4j.train.TrainingListener;

/**
 * The training step against its own matrix products: how much of the matrix library's rate is left
 * when everything else of the step is done too. Arguments: model directory, corpus, recipe, steps.
 * Prints one JSON object. Started by {@code bench/step-rate.sh}.
 */
final class StepRate {
  private static final int WARM_UP = 2;

  public static void main(String[] arguments) throws IOException {
    Path model = Path.of(arguments[0]);
    Path corpus = Path.of(arguments[1]);
    Recipe recipe = Recipe.valueOf(arguments[2].toUpperCase().replace('-', '_'));
    int steps = WARM_UP + Integer.parseInt(arguments[3]);
    int threads = Runtime.getRuntime().availableProcessors();
    Path output = Files.createTempDirectory("step-rate").resolve("model");
    List<StepRecord> records = new ArrayList<>();
    ObjectNode result = new ObjectMapper().createObjectNode();
    try (HostDevice device = new HostDevice(threads)) {
      // The products before and after the step: a shared machine drifts.
      BertConfig config = BertConfig.parse(ModelDirectory.open(model).config());
      int probeTokens = 1250;
      double before = productRate(device, config, probeTokens);
      MirrorTraining.run(
          device,
          new MirrorTraining.Request(
              model,
              corpus,
              output,
              recipe.label(),
              recipe.settings().with(s -> s.maxSteps = steps),
              false,
              Corpus.Options.DEFAULT,
              DType.F32,
              ComputeOptions.DEFAULT,
              new RunOptions(Integer.MAX_VALUE, false, true)),
          new TrainingListener() {
            @Override
            public void step(StepRecord step) {
              records.add(step);
            }
          });
      long peak = peakMemoryKiB();
      double after = productRate(device, config, probeTokens);
      List<StepRecord> counted = records.subList(WARM_UP, records.size());
      double seconds = median(counted.stream().mapToDouble(StepRecord::seconds).toArray());
      double tokens = counted.stream().mapToInt(StepRecord::tokens).average().orElseThrow();
      double outputs =
          recipe.settings().pooling() == Pooling.CLS ? 2 * recipe.settings().batchSize() : tokens;
      double rate = flops(config, tokens, outputs) / seconds;
      double products = (before + after) / 2;
      result.put("device", device.description());
      result.put("recipe", recipe.label());
      result.put("tokensPerStep", tokens);
      result.put("steps", counted.size());
      result.put("secondsPerStepMedian", seconds);
      result.put("tokensPerSecond", tokens / seconds);
      result.put("productGflopsBefore", before * 1e-9);
      result.put("productGflopsAfter", after * 1e-9);
      result.put("stepGflops", rate * 1e-9);
      result.put("shareOfProducts", rate / products);
      result.put("peakMemoryMiB", peak / 1024);
    } finally {
      AtomicFiles.deleteTree(output.getParent());
    }
    System.out.println(
        new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(result));
  }

  /**
   * Flops of the matrix products of a step, forward and both gradients.
   *
   * @param outputs rows that the last layer is computed for to its end
   */
  private static double flops(BertConfig config, double tokens, double outputs) {
    double hidden = config.hiddenSize();
    double attention = 3 * hidden * hidden;
    double block = hidden * hidden + 2 * hidden * config.intermediateSize();
    int layers = config.numHiddenLayers();
    return 6 * ((layers * attention + (layers - 1) * block) * tokens + block * outputs);
  }

  /** Flops a second of the twelve products of a layer alone, median of a few rounds. */
  private static double productRate(HostDevice device, BertConfig config, int tokens) {
    int h = config.hiddenSize();
    int[][] layers = {
      {3 * h, h}, {h, h}, {config.intermediateSize(), h}, {h, config.intermediateSize()}
    };
    Kernels kernels = device.kernels();
    Random random = new Random(1);
    double[] seconds = new double[9];
    try (Workspace workspace = new Workspace(device)) {
      List<Tensor[]> operands = new ArrayList<>();
      for (int[] layer : layers) {
        Tensor x = workspace.f32("x", tokens, layer[1]);
        Tensor y = workspace.f32("y", tokens, layer[0]);
        Tensor weight = workspace.f32("weight", layer[0], layer[1]);
        for (Tensor tensor : List.of(x, y, weight)) {
          float[] values = new float[(int) tensor.size()];
          for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
          }
          device.upload(tensor, values);
        }
        Tensor dX = workspace.f32("dX", tokens, layer[1]);
        Tensor dWeight = workspace.f32("dWeight", layer[0], layer[1]);
        operands.add(new Tensor[] {x, y, weight, dX, dWeight});
      }
      for (int round = 0; round < seconds.length; round++) {
        long start = System.nanoTime();
        for (Tensor[] o : operands) {
          kernels.gemm(GemmSpec.NN, o[3], o[1], o[2]);
          kernels.gemm(GemmSpec.TN, o[4], o[1], o[0]);
          kernels.gemm(GemmSpec.NT, o[1], o[0], o[2]);
        }
        seconds[round] = (System.nanoTime() - start) * 1e-9;
      }
    }
    return flops(config, tokens, tokens) / config.numHiddenLayers() / median(seconds);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }

  /** The largest resident size of this process so far (VmHWM of the kernel). */
  private static long peakMemoryKiB() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    return 0;
  }
}
