package org.mirror4j.research;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.ModelSize;
import org.mirror4j.bert.Pooling;
import org.mirror4j.device.Precision;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.ptx.LaunchOptions;
import org.mirror4j.device.ptx.count.Gpu;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.method.mirror.MirrorSettings;
import org.mirror4j.research.cases.CaseResult;
import org.mirror4j.research.cases.OperationCase;
import org.mirror4j.research.cases.OperationCases;
import org.mirror4j.research.cases.Sizes;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.ParameterTable;

/**
 * A time that an epoch of Mirror-BERT training cannot stay below on a card.
 *
 * <p>A step is the operations of the encoder forward and backward, the loss and the optimiser. Each
 * is counted once on the interpreter with an eighth of a batch's sequences, and taken eight times,
 * as its launches are proportional to rows; what goes over flat buffers with a million elements. A
 * matrix product takes what is longer: its flops at the tensor rate, or its operands once through
 * memory. Nothing overlaps, nothing waits, launches cost nothing, no data stays in a cache between
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

  private static final double COUNTED_ELEMENTS = 1_000_000;

  private static final String HEAD_SCALE = "attention_head_scale";

  private final KernelLibrary bundled = KernelLibrary.bundled();
  private final KernelLibrary library;
  private final Set<String> replaced;
  private final Gpu gpu;
  private final DType storage;
  private final double productTeraflops;
  private final boolean dropsHeads;
  private final BertConfig config;
  private final int threads;

  /** Of the kernels of this build in a step, and of those that replace some. */
  private final EpochSums original = new EpochSums();

  private final EpochSums variant = new EpochSums();

  /** Of the matrix products in a step, which are the same for both. */
  private final EpochSums products = new EpochSums();

  private double flops;
  private final SortedMap<String, Optional<String>> wrong = new TreeMap<>();

  private EpochModel(
      KernelLibrary library,
      Set<String> replaced,
      Gpu gpu,
      Precision precision,
      boolean dropsHeads,
      BertConfig config,
      int threads) {
    this.library = library;
    this.replaced = replaced;
    this.gpu = gpu;
    this.dropsHeads = dropsHeads;
    storage = precision.storage();
    productTeraflops = teraflops(gpu, precision);
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
   * @param library the kernels of this build, some replaced
   * @param replaced entries of which it has others than this build
   * @param settings which rows are pooled, and whether heads are dropped
   * @param config of the encoder
   * @param threads of the interpreter and of the processor
   * @throws IllegalArgumentException if the items do not fill a batch, or the card has no products
   *     of the precision
   */
  public static Epoch.Comparison of(
      KernelLibrary library,
      Set<String> replaced,
      Gpu gpu,
      Precision precision,
      MirrorSettings settings,
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
    EpochModel model =
        new EpochModel(
            library, replaced, gpu, precision, settings.dropheadRate() > 0, config, threads);
    model.kernels(tokens, settings.pooling());
    model.products(tokens, settings.pooling());
    return new Epoch.Comparison(
        model.epoch(steps, tokens, model.original),
        model.epoch(steps, tokens, model.variant),
        model.wrong);
  }

  /** The peak rate of products of activations and weights, in 10^12 a second. */
  private static double teraflops(Gpu gpu, Precision precision) {
    if ((precision == Precision.BF16 || precision == Precision.TF32) && !gpu.hasBf16AndTf32()) {
      throw new IllegalArgumentException(
          "--precision %s: %s does not multiply it, expected a card of sm_%d or later"
              .formatted(precision.label(), gpu.name(), Gpu.AMPERE));
    }
    return switch (precision) {
      case F32 -> gpu.f32Teraflops();
      case TF32 -> gpu.tf32Teraflops();
      case F16, BF16 -> gpu.tensorTeraflops();
      case INT8 -> throw new IllegalArgumentException("no training in int8");
    };
  }

  private Epoch epoch(int steps, int tokens, EpochSums kernels) {
    return new Epoch(
        steps,
        tokens,
        steps * (kernels.launches() + products.launches()),
        steps * (kernels.bytes() + products.bytes()),
        steps * flops,
        steps * products.micros() * 1e-6,
        kernels.kernels(steps));
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
    ParameterTable table = BertModel.table(config);
    double hidden = config.hiddenSize();
    double words = config.vocabSize() * hidden;
    // To biases and rows that are looked up gradients are added, all others are overwritten.
    double added =
        table.size()
            - table.decayingSize()
            + words
            + (config.maxPositionEmbeddings() + config.typeVocabSize()) * hidden;
    flat("fill", 4, added);
    flat("sumOfSquares", 1, table.size());
    // Of words those are updated that a step has read, which may be few.
    flat("adamW", 2, table.size() - words);
  }

  /**
   * @param times how often a step launches it
   * @param elements of all these launches
   */
  private void flat(String operation, int times, double elements) {
    add(operation, Sizes.of(""), times, elements / times / COUNTED_ELEMENTS);
  }

  /**
   * @param times how often a step launches it
   * @param scale how much more there is in a launch than is counted
   */
  private void add(String operation, Sizes sizes, int times, double scale) {
    OperationCase one = OperationCases.of(operation);
    Sizes all = one.base().from(sizes);
    List<CountedLaunch> counted = ofStep(count(bundled, one, all).launches());
    List<CountedLaunch> others = counted;
    List<String> here =
        counted.stream().map(CountedLaunch::entry).filter(replaced::contains).distinct().toList();
    if (!here.isEmpty()) {
      KernelMachine.Counted own = count(library, one, all);
      others = ofStep(own.launches());
      Optional<String> difference = difference(one, all, own.results());
      here.forEach(entry -> wrong.merge(entry, difference, (a, b) -> a.isPresent() ? a : b));
    }
    counted.forEach(launch -> original.add(launch, gpu, times, scale));
    others.forEach(launch -> variant.add(launch, gpu, times, scale));
  }

  /** The cases of attention drop heads, as few recipes do. */
  private List<CountedLaunch> ofStep(List<CountedLaunch> launches) {
    return dropsHeads
        ? launches
        : launches.stream().filter(launch -> !launch.entry().equals(HEAD_SCALE)).toList();
  }

  private KernelMachine.Counted count(KernelLibrary kernels, OperationCase one, Sizes sizes) {
    try (KernelMachine machine =
        new KernelMachine(kernels, CheckLevel.BOUNDS, LaunchOptions.defaults())) {
      return machine.count(one, sizes, storage, threads);
    }
  }

  private Optional<String> difference(OperationCase one, Sizes sizes, List<CaseResult> results) {
    try (HostDevice processor = new HostDevice(threads)) {
      List<CaseResult> reference = one.results(processor, DType.F32, storage, sizes);
      return CaseResult.difference(results, reference, storage)
          .map(wrong -> "%s at %s: %s".formatted(one.operation(), sizes, wrong));
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
    // Forward and gradient of the input; the gradient of the weight is f32, and written.
    product(2 * layers, work, storage.bytes() * (activations + weight), productTeraflops);
    product(layers, work, storage.bytes() * activations + Float.BYTES * weight, productTeraflops);
  }

  private void product(int times, double work, double traffic, double teraflops) {
    flops += times * work;
    products.add(
        "product",
        times,
        times * traffic,
        times * Math.max(work / (teraflops * 1e6), traffic / (gpu.bandwidthGigabytes() * 1e3)));
  }
}
