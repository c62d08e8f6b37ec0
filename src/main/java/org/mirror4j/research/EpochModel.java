package org.mirror4j.research;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.ModelSize;
import org.mirror4j.bert.Pooling;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.ptx.LaunchOptions;
import org.mirror4j.device.ptx.count.Gpu;
import org.mirror4j.device.ptx.count.LowerBound;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.research.cases.OperationCase;
import org.mirror4j.research.cases.OperationCases;
import org.mirror4j.research.cases.Sizes;
import org.mirror4j.tensor.DType;

/**
 * A time that an epoch of Mirror-BERT training cannot stay below on a card.
 *
 * <p>A step is the operations of the encoder forward and backward, the loss and the optimiser. Each
 * is counted once on the interpreter with an eighth of a batch's sequences, and taken eight times,
 * as its launches are proportional to rows; the optimiser with a million parameters. A matrix
 * product takes what is longer: its flops at the tensor rate, or its operands once through memory.
 * Nothing overlaps, nothing waits, launches cost nothing, no data stays in a cache between
 * launches.
 */
public final class EpochModel {
  /** Pieces of bert-base-uncased. */
  private static final int BERT_PIECES = 30_522;

  private static final int PAIRS = 200;
  private static final int VIEWS = 2 * PAIRS;
  private static final int PART = 8;

  /** What a card's batches are rounded up to. */
  private static final int TOKEN_MULTIPLE = 64;

  private static final double COUNTED_PARAMETERS = 1_000_000;

  private final KernelLibrary library;
  private final Gpu gpu;
  private final DType storage;
  private final BertConfig config;
  private final int threads;
  private double launches;
  private double bytes;
  private double flops;
  private double micros;

  /**
   * What an epoch takes.
   *
   * @param tokensPerStep mean of the real tokens of a batch of 200 pairs
   * @param launches of kernels and matrix products
   * @param bytes least traffic with memory
   * @param matrixFlops of the matrix products
   * @param matrixSeconds lower bound of the matrix products
   * @param kernelSeconds lower bound of all other kernels
   */
  public record Epoch(
      int steps,
      int tokensPerStep,
      double launches,
      double bytes,
      double matrixFlops,
      double matrixSeconds,
      double kernelSeconds) {
    /** The bound. */
    public double seconds() {
      return matrixSeconds + kernelSeconds;
    }
  }

  private EpochModel(
      KernelLibrary library, Gpu gpu, DType storage, BertConfig config, int threads) {
    this.library = library;
    this.gpu = gpu;
    this.storage = storage;
    this.config = config;
    this.threads = threads;
  }

  /** The architecture of BERT-base. */
  public static BertConfig base() {
    return ModelSize.BASE.config(BERT_PIECES, 0);
  }

  /**
   * The bound for an epoch in batches of 200 items.
   *
   * @param config of the encoder
   * @param threads of the interpreter
   * @throws IllegalArgumentException if the items do not fill a batch
   */
  public static Epoch of(
      KernelLibrary library,
      Gpu gpu,
      DType storage,
      Pooling pooling,
      BertConfig config,
      LengthStatistics lengths,
      int threads) {
    int steps = lengths.items().size() / PAIRS;
    if (steps == 0) {
      throw new IllegalArgumentException(
          "%s: %d items, expected at least a batch of %d"
              .formatted(lengths.corpus(), lengths.items().size(), PAIRS));
    }
    int tokens = (int) Math.ceil(lengths.tokens(PAIRS) / TOKEN_MULTIPLE) * TOKEN_MULTIPLE;
    EpochModel model = new EpochModel(library, gpu, storage, config, threads);
    model.kernels(tokens, pooling);
    double kernelMicros = model.micros;
    model.micros = 0;
    model.products(tokens, pooling);
    return new Epoch(
        steps,
        tokens,
        steps * model.launches,
        steps * model.bytes,
        steps * model.flops,
        steps * model.micros * 1e-6,
        steps * kernelMicros * 1e-6);
  }

  /** Layers that are computed for all rows to their end. */
  private int wholeLayers(Pooling pooling) {
    return pooling == Pooling.CLS ? config.numHiddenLayers() - 1 : config.numHiddenLayers();
  }

  private void kernels(int tokens, Pooling pooling) {
    String shape =
        String.format(
            Locale.ROOT,
            ",hidden=%d,heads=%d,intermediate=%d,vocabulary=%d,positions=%d",
            config.hiddenSize(),
            config.numAttentionHeads(),
            config.intermediateSize(),
            config.vocabSize(),
            config.maxPositionEmbeddings());
    int views = VIEWS / PART;
    Sizes part =
        Sizes.of(
            String.format(
                    Locale.ROOT,
                    "tokens=%d,sequences=%d,selected=%d",
                    Math.ceilDiv(tokens, PART),
                    views,
                    views)
                + shape);
    for (String once : List.of("embed", "embedBackward")) {
      add(once, part, 1, PART);
    }
    for (String layer : List.of("attention", "attentionBackward")) {
      add(layer, part, config.numHiddenLayers(), PART);
    }
    positionwise(part, wholeLayers(pooling));
    if (pooling == Pooling.CLS) {
      positionwise(Sizes.of("tokens=" + views + shape), 1);
      add("gatherRows", part, 2, PART);
      add("scatterRows", part, 2, PART);
      Sizes vectors = Sizes.of("elements=" + views * config.hiddenSize());
      add("convert from storage", vectors, 1, PART);
      add("convert to storage", vectors, 1, PART);
    } else {
      add("pool mean", part, 1, PART);
      add("poolBackward mean", part, 1, PART);
    }
    lossAndUpdate(Sizes.of("tokens=" + VIEWS + shape));
  }

  private void positionwise(Sizes rows, int layers) {
    add("residualLayerNorm", rows, 2 * layers, PART);
    add("residualLayerNormBackward", rows, 2 * layers, PART);
    add("biasGelu", rows, layers, PART);
    add("biasGeluBackward", rows, layers, PART);
  }

  private void lossAndUpdate(Sizes views) {
    add("normalizeRows", views, 1, 1);
    add("normalizeRowsBackward", views, 1, 1);
    add("contrastiveLoss", Sizes.of("views=" + VIEWS), 1, 1);
    double parameters = BertModel.table(config).size();
    for (String flat : List.of("fill", "anyNonFinite")) {
      add(flat, Sizes.of(""), 1, parameters / COUNTED_PARAMETERS);
    }
    // Of words those are updated that a step has read, which may be few.
    double words = (double) config.vocabSize() * config.hiddenSize();
    add("adamW", Sizes.of(""), 1, (parameters - words) / COUNTED_PARAMETERS);
  }

  /**
   * @param times how often a step launches it
   * @param scale how much more there is in a launch than is counted
   */
  private void add(String operation, Sizes sizes, int times, double scale) {
    OperationCase one = OperationCases.of(operation);
    List<CountedLaunch> counted = new ArrayList<>();
    try (KernelMachine machine =
        new KernelMachine(library, CheckLevel.BOUNDS, LaunchOptions.defaults())) {
      counted.addAll(machine.count(one, one.base().from(sizes), storage, threads).launches());
    }
    for (CountedLaunch launch : counted) {
      launches += times;
      bytes += times * scale * launch.counts().bytesTouched();
      micros += times * scale * LowerBound.of(launch.counts(), gpu).micros();
    }
  }

  private void products(int tokens, Pooling pooling) {
    int hidden = config.hiddenSize();
    int intermediate = config.intermediateSize();
    int layers = config.numHiddenLayers();
    linear(layers, tokens, 3 * hidden, hidden);
    int whole = wholeLayers(pooling);
    int[][] positionwise = {{hidden, hidden}, {intermediate, hidden}, {hidden, intermediate}};
    for (int[] shape : positionwise) {
      linear(whole, tokens, shape[0], shape[1]);
      linear(layers - whole, VIEWS, shape[0], shape[1]);
    }
    // Similarities and the two halves of their gradient, in f32.
    double similar = 2.0 * VIEWS * VIEWS * hidden;
    double operands = Float.BYTES * (2.0 * VIEWS * hidden + (double) VIEWS * VIEWS);
    product(3, similar, operands, gpu.f32Teraflops());
  }

  private void linear(int layers, int rows, int outFeatures, int inFeatures) {
    double weight = (double) outFeatures * inFeatures;
    double activations = (double) rows * (outFeatures + inFeatures);
    double work = 2 * rows * weight;
    double rate = storage == DType.F32 ? gpu.f32Teraflops() : gpu.tensorTeraflops();
    // Forward and gradient of the input; the gradient of the weight is f32, read and written.
    product(2 * layers, work, storage.bytes() * (activations + weight), rate);
    product(layers, work, storage.bytes() * activations + 2 * Float.BYTES * weight, rate);
  }

  private void product(int times, double work, double traffic, double teraflops) {
    launches += times;
    flops += times * work;
    bytes += times * traffic;
    micros +=
        times * Math.max(work / (teraflops * 1e6), traffic / (gpu.bandwidthGigabytes() * 1e3));
  }
}
