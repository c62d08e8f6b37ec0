package org.mirror4j.bench.card;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.mirror4j.bench.card.CudnnOperations.SoftmaxMode;
import org.mirror4j.device.Precision;
import org.mirror4j.device.cuda.CudaException;
import org.mirror4j.device.cuda.CudaUnavailableException;
import org.mirror4j.device.cuda.JCudaDriver;
import org.mirror4j.device.launch.Driver;
import org.mirror4j.device.launch.DriverDevice;
import org.mirror4j.device.launch.KernelArguments;
import org.mirror4j.method.mirror.MirrorRehearsal;
import org.mirror4j.method.mirror.MirrorSettings;
import org.mirror4j.method.mirror.Recipe;
import org.mirror4j.research.LengthStatistics;
import org.mirror4j.research.WatchedDriver;
import org.mirror4j.research.card.CardBench;
import org.mirror4j.research.card.CardPart;
import org.mirror4j.research.card.TimedWork;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.train.ComputeOptions;

/**
 * cuDNN's softmax, dropout and tanh, forward and backward, at the shapes of a training step, each
 * beside the kernels that have this inside them and do more. Where there is no cuDNN, the reason is
 * all that is measured.
 */
final class CudnnComparison implements CardPart {
  /** Entries of attention's forward pass: which of them have work depends on the lengths. */
  static final String ATTENTION_FORWARD = "attention_(bias|(\\w+_)?forward)";

  /** Entries of its backward pass, which may be parted by what the gradient is of. */
  static final String ATTENTION_BACKWARD = "attention_(\\w+_)?backward(_\\w+)?";

  @Override
  public String name() {
    return "cudnn";
  }

  /** A kernel's first launch in a step. */
  private record Launch(
      Driver.Kernel kernel, int grid, int block, int sharedBytes, KernelArguments arguments) {
    void on(Driver driver) {
      driver.launch(kernel, grid, block, sharedBytes, arguments);
    }

    String entry() {
      return arguments.contract().entry();
    }

    long trafficBytes() {
      return arguments.contract().traffic().evaluate(arguments.values());
    }
  }

  /**
   * An operation of cuDNN and what does it here.
   *
   * @param like one of its tensors
   * @param entries pattern of the entries that share the job
   */
  private record Pair(String name, Tensor like, TimedWork cudnn, String entries) {
    boolean isDoneBy(Launch launch) {
      return launch.entry().matches(entries);
    }
  }

  @Override
  public void measure(CardBench bench, ObjectNode result) {
    Driver driver = bench.drivers().get();
    if (!(driver instanceof JCudaDriver card)) {
      driver.close();
      result.put("notRun", "cuDNN needs a card");
      return;
    }
    WatchedDriver watched = new WatchedDriver(card);
    MirrorSettings settings = Recipe.WORD.settings();
    try (DriverDevice device = bench.device(watched);
        CudnnOperations cudnn =
            CudnnOperations.open(card, settings.dropoutRate(), settings.seed())) {
      result.put("library", cudnn.description());
      for (Recipe recipe : List.of(Recipe.WORD, Recipe.SENTENCE)) {
        for (Precision precision : List.of(Precision.F16, Precision.F32)) {
          if (!bench.late()) {
            ObjectNode run = result.putObject(recipe.label() + " " + precision.label());
            new Run(bench, watched, device, cudnn, recipe, precision).measure(run);
          }
        }
      }
    } catch (CudaUnavailableException missing) {
      result.put("notRun", missing.getMessage());
    }
  }

  /** One recipe at one precision. */
  private record Run(
      CardBench bench,
      WatchedDriver driver,
      DriverDevice device,
      CudnnOperations cudnn,
      Recipe recipe,
      Precision precision) {

    void measure(ObjectNode result) {
      CardBench.Size size = bench.size();
      MirrorSettings settings = recipe.settings().with(Map.of("batchSize", size.batchSize()));
      List<int[][]> batches =
          LengthStatistics.read(bench.lengths().resolve(recipe.label() + ".json"))
              .batches(size.batchSize(), 1, size.vocabulary(), settings.seed());
      int longest =
          Arrays.stream(batches.getFirst()).mapToInt(ids -> ids.length).max().orElseThrow();
      // One layer has every launch that twelve have.
      try (Workspace workspace = new Workspace(device);
          MirrorRehearsal rehearsal =
              new MirrorRehearsal(
                  device,
                  size.config(1, size.hiddenSize()),
                  settings,
                  new ComputeOptions(precision, false),
                  batches)) {
        rehearsal.step();
        Map<String, Launch> launches = new LinkedHashMap<>();
        driver.watcher(
            (kernel, grid, block, sharedBytes, arguments) ->
                launches.computeIfAbsent(
                    arguments.contract().entry(),
                    entry -> new Launch(kernel, grid, block, sharedBytes, arguments.copy())));
        rehearsal.step();
        driver.watcher((kernel, grid, block, sharedBytes, arguments) -> {});
        int tokens = Math.toIntExact(rehearsal.rows());
        int scores = 2 * size.batchSize() * size.config().numAttentionHeads() * longest;
        List<Pair> pairs = new ArrayList<>();
        softmax(pairs, workspace, scores, longest);
        dropout(pairs, workspace, tokens, size.hiddenSize());
        tanh(pairs, workspace, tokens, 4 * size.hiddenSize());
        compare(workspace, pairs, List.copyOf(launches.values()), result);
      }
    }

    private void softmax(List<Pair> pairs, Workspace workspace, int rows, int columns) {
      Tensor x = random(workspace, "scores", rows, columns);
      Tensor y = tensor(workspace, "probabilities", rows, columns);
      Tensor dY = random(workspace, "dProbabilities", rows, columns);
      Tensor dX = tensor(workspace, "dScores", rows, columns);
      for (SoftmaxMode mode : SoftmaxMode.values()) {
        String name = mode == SoftmaxMode.INSTANCE ? "softmax" : "softmaxByChannel";
        pairs.add(
            new Pair(
                name,
                x,
                new TimedWork(() -> cudnn.softmax(y, x, mode), 2 * x.bytes()),
                ATTENTION_FORWARD));
        pairs.add(
            new Pair(
                name + "Backward",
                x,
                new TimedWork(() -> cudnn.softmaxBackward(dX, y, dY, mode), 3 * x.bytes()),
                ATTENTION_BACKWARD));
      }
    }

    private void dropout(List<Pair> pairs, Workspace workspace, int rows, int columns) {
      Tensor x = random(workspace, "hidden", rows, columns);
      Tensor y = tensor(workspace, "dropped", rows, columns);
      long maskBytes = cudnn.maskBytes(x);
      Tensor mask = workspace.i32("mask", Math.toIntExact(Math.ceilDiv(maskBytes, Integer.BYTES)));
      pairs.add(
          new Pair(
              "dropout",
              x,
              new TimedWork(() -> cudnn.dropout(y, x, mask), 2 * x.bytes() + maskBytes),
              "residual_layer_norm(_\\w+)?_forward"));
      pairs.add(
          new Pair(
              "dropoutBackward",
              x,
              new TimedWork(() -> cudnn.dropoutBackward(y, x, mask), 2 * x.bytes() + maskBytes),
              "residual_layer_norm(_\\w+)?_backward"));
    }

    private void tanh(List<Pair> pairs, Workspace workspace, int rows, int columns) {
      Tensor x = random(workspace, "intermediate", rows, columns);
      Tensor y = tensor(workspace, "activation", rows, columns);
      Tensor dY = random(workspace, "dActivation", rows, columns);
      Tensor dX = tensor(workspace, "dIntermediate", rows, columns);
      pairs.add(
          new Pair(
              "tanh",
              x,
              new TimedWork(() -> cudnn.tanh(y, x), 2 * x.bytes()),
              "bias_gelu(_\\w+)?_forward"));
      pairs.add(
          new Pair(
              "tanhBackward",
              x,
              new TimedWork(() -> cudnn.tanhBackward(dX, y, dY, x), 3 * x.bytes()),
              "bias_gelu(_\\w+)?_backward"));
    }

    private void compare(
        Workspace workspace, List<Pair> pairs, List<Launch> launches, ObjectNode result) {
      Map<String, TimedWork> ours = new HashMap<>();
      List<TimedWork> all = new ArrayList<>();
      for (Pair pair : pairs) {
        ObjectNode row = result.putObject(pair.name());
        row.put("rows", pair.like().rows());
        row.put("columns", pair.like().columns());
        List<Launch> job = launches.stream().filter(pair::isDoneBy).toList();
        ArrayNode entries = row.putObject("ours").putArray("entries");
        job.forEach(launch -> entries.add(launch.entry()));
        if (!job.isEmpty()) {
          ours.computeIfAbsent(
              pair.entries(),
              pattern ->
                  new TimedWork(
                      () -> job.forEach(launch -> launch.on(driver)),
                      // Each counts all tokens, whichever of them are its own.
                      job.stream().mapToLong(Launch::trafficBytes).max().orElseThrow()));
        }
        try {
          pair.cudnn().run();
          device.synchronize();
          all.add(pair.cudnn());
        } catch (CudaException refused) {
          row.put("failure", refused.getMessage());
        }
      }
      all.addAll(ours.values());
      int words = Math.toIntExact(bench.size().streamBytes() / Integer.BYTES);
      TimedWork.time(bench, driver, workspace.i32("busy", words), all);
      for (Pair pair : pairs) {
        ObjectNode row = result.withObject("/" + pair.name());
        pair.cudnn().put(row);
        if (ours.containsKey(pair.entries())) {
          ours.get(pair.entries()).put(row.withObject("/ours"));
        }
      }
    }

    private Tensor tensor(Workspace workspace, String name, int rows, int columns) {
      return workspace.tensor(name, precision.storage(), Shape.of(rows, columns));
    }

    /** Zeros would take less power, and so less time. */
    private Tensor random(Workspace workspace, String name, int rows, int columns) {
      Tensor values = workspace.f32(name, rows, columns);
      Random random = new Random(1);
      float[] host = new float[Math.toIntExact(values.size())];
      for (int i = 0; i < host.length; i++) {
        host[i] = random.nextFloat() - 0.5f;
      }
      device.upload(values, host);
      if (precision == Precision.F32) {
        return values;
      }
      Tensor stored = tensor(workspace, name, rows, columns);
      device.kernels().memory().convert(stored, values);
      return stored;
    }
  }
}
