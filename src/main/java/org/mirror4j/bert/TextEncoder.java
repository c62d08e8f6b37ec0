package org.mirror4j.bert;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.mirror4j.calibrate.UnitLength;
import org.mirror4j.calibrate.VectorMap;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.file.FileException;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.Template;
import org.mirror4j.text.TokenLimit;
import org.mirror4j.text.Tokenizer;

/**
 * Texts to vectors: a template put around them, tokenised, packed into batches of similar length,
 * encoded, as a rule without dropout, pooled, mapped and perhaps normalised. Without dropout a
 * text's vector does not depend on the texts beside it beyond rounding. An encoder may be used by
 * the thread that its device belongs to, and by no other but for {@link #tokenize}.
 */
public final class TextEncoder implements AutoCloseable {
  /**
   * How texts become vectors.
   *
   * @param maxLength tokens of a text, template and special tokens included; longer texts are cut.
   *     With {@link Pooling#MEAN_PADDED} every text is padded to it
   * @param batchSize the most texts of a batch
   * @param template what stands around each text; may be {@link Template#NONE}
   * @param normalize whether vectors are divided by their length, see {@link UnitLength}
   * @param dimensions elements that are kept of each vector, from the first on, after the division;
   *     empty for all
   * @param known pooled vectors that need not be computed; those that are computed are added
   */
  public record Options(
      Pooling pooling,
      int maxLength,
      int batchSize,
      Template template,
      boolean normalize,
      OptionalInt dimensions,
      Optional<PooledVectors> known) {
    /** Texts and vectors as they are. */
    public Options(Pooling pooling, int maxLength, int batchSize) {
      this(
          pooling,
          maxLength,
          batchSize,
          Template.NONE,
          false,
          OptionalInt.empty(),
          Optional.empty());
    }

    /** The same with so many elements of each vector, from the first on. */
    public Options withDimensions(int kept) {
      return new Options(
          pooling, maxLength, batchSize, template, normalize, OptionalInt.of(kept), known);
    }

    /** The same with vectors as the maps leave them: not divided by their length, and whole. */
    public Options asMapped() {
      return new Options(
          pooling, maxLength, batchSize, template, false, OptionalInt.empty(), known);
    }
  }

  /**
   * What texts became, in their order.
   *
   * @param vectors one a text
   * @param tokens that each was computed from, template and special tokens included
   * @param truncated whether the text had more of them than the maximum length
   */
  public record Encoded(float[][] vectors, int[] tokens, boolean[] truncated) {}

  private final Device device;
  private final BertConfig config;
  private final Tokenizer tokenizer;
  private final Options options;
  private final TokenLimit limit;
  private final Pooling pooling;
  private final int maxLength;
  private final int width;
  private final int dimensions;
  private final BatchSize size;
  private final Workspace workspace;
  private final BatchTensors batch;
  private final PooledEncoder encoder;
  private final List<VectorMap.Pass> maps = new ArrayList<>();
  private final Optional<PooledVectors> known;

  /** Vectors that are known on their way to the maps; null where none are. */
  private final Tensor pooled;

  private boolean closed;

  /**
   * Plans an encoder.
   *
   * @param device computing in the precision of the model; maps are computed in f32
   * @param model its weights are read at each call, so they may change between calls
   * @param tokenizer not closed by this encoder
   * @param vectorMaps map the pooled vectors, one after the other
   * @throws IllegalArgumentException if the maximum length is none for the model, the template
   *     leaves no room for text, the model has fewer layers than the pooling takes, or a map takes
   *     vectors of another width
   */
  public TextEncoder(
      Device device,
      BertModel model,
      Tokenizer tokenizer,
      List<VectorMap> vectorMaps,
      Options options) {
    this.device = device;
    known = options.known();
    this.config = model.config();
    this.tokenizer = tokenizer;
    this.options = options;
    pooling = options.pooling();
    maxLength = config.requireLength(options.maxLength());
    limit = new TokenLimit(tokenizer, maxLength, options.template());
    size = size(device, model, options);
    workspace = new Workspace(device);
    batch =
        new BatchTensors(
            device,
            workspace,
            size,
            pooling.takesMask() ? OptionalInt.of(tokenizer.maskId()) : OptionalInt.empty());
    encoder = new PooledEncoder(device, workspace, model, null, batch, size, pooling);
    int mapped = config.hiddenSize();
    pooled = known.isPresent() ? workspace.f32("known", size.sequences(), mapped) : null;
    for (VectorMap map : vectorMaps) {
      if (map.inputWidth() != mapped) {
        throw new IllegalArgumentException(
            "a map takes vectors of %d values, and is given those of %d"
                .formatted(map.inputWidth(), mapped));
      }
      maps.add(map.plan(device.computing(Precision.F32), workspace, size.sequences()));
      mapped = map.outputWidth();
    }
    width = mapped;
    dimensions = Math.min(options.dimensions().orElse(Integer.MAX_VALUE), width);
  }

  private static BatchSize size(Device device, BertModel model, Options options) {
    int tokens = Math.max(model.batchTokens(device), options.maxLength());
    return new BatchSize(tokens, options.batchSize());
  }

  /**
   * Plans the buffers that an encoder without maps has.
   *
   * @param counting only counts
   */
  public static void count(Device device, Workspace counting, BertModel model, Options options) {
    BatchSize size = size(device, model, options);
    // Which token is the mask is no matter for the size of its buffer.
    OptionalInt mask = options.pooling().takesMask() ? OptionalInt.of(0) : OptionalInt.empty();
    BatchTensors batch = new BatchTensors(device, counting, size, mask);
    new PooledEncoder(device, counting, model, null, batch, size, options.pooling());
  }

  /** Vectors as the model pools them. */
  public TextEncoder(Device device, BertModel model, Tokenizer tokenizer, Options options) {
    this(device, model, tokenizer, List.of(), options);
  }

  /** Texts and vectors as they are: see {@link Options}. */
  public TextEncoder(
      Device device,
      BertModel model,
      Tokenizer tokenizer,
      Pooling pooling,
      int maxLength,
      int batchSize) {
    this(device, model, tokenizer, new Options(pooling, maxLength, batchSize));
  }

  /** What makes tokens of texts. */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** Tokens of a text that are not cut. */
  public int roomForText() {
    return limit.roomForText();
  }

  /** Elements of a vector before it is cut. */
  public int width() {
    return width;
  }

  /** Elements of a vector. */
  public int dimensions() {
    return dimensions;
  }

  /**
   * One vector a text, in order.
   *
   * @throws WrongThreadException if the device is another thread's
   * @throws IllegalStateException if this encoder or the device is closed
   * @throws IllegalArgumentException if a text has no mask token and the pooling takes its vector
   */
  public float[][] encode(List<String> texts) {
    return encodeCounted(texts).vectors();
  }

  /** The same with the number of their tokens. */
  public Encoded encodeCounted(List<String> texts) {
    requireUsable();
    return encode(tokenize(texts));
  }

  /**
   * Texts as their ids.
   *
   * @param texts in their order
   */
  public record Tokenized(List<String> texts, int[][] ids, boolean[] truncated) {}

  /**
   * The first half of {@link #encodeCounted}, which needs no device: a thread may do it for the
   * next texts while the device's thread computes, one thread at a time.
   */
  public Tokenized tokenize(List<String> texts) {
    boolean[] truncated = new boolean[texts.size()];
    int[][] ids = limit.encodeAll(texts, text -> truncated[text] = true);
    return new Tokenized(texts, ids, truncated);
  }

  /** The other half. */
  public Encoded encode(Tokenized texts) {
    return encode(texts, Dropout.NONE, known);
  }

  /**
   * The same encoder with dropout, as in training: one vector a text, in order, drawn anew for each
   * batch of all its calls, and never one that is known.
   *
   * @param rate share of elements that are dropped, in [0, 1)
   */
  public Function<List<String>, float[][]> dropping(double rate, long seed) {
    Dropout dropout = new Dropout(rate, 0, seed);
    return texts -> {
      requireUsable();
      return encode(tokenize(texts), dropout, Optional.empty()).vectors();
    };
  }

  private void requireUsable() {
    device.ownership().require();
    if (closed) {
      throw new IllegalStateException("the encoder is closed");
    }
  }

  private Encoded encode(Tokenized texts, Dropout dropout, Optional<PooledVectors> known) {
    requireUsable();
    int[][] ids = texts.ids();
    if (pooling.takesMask()) {
      requireMasks(texts.texts(), ids);
    }
    float[][] vectors = new float[ids.length][];
    int[] all = IntStream.range(0, ids.length).toArray();
    if (known.isEmpty()) {
      compute(
          ids, all, dropout, (members, pooledVectors) -> finish(members, pooledVectors, vectors));
    } else {
      PooledVectors there = known.get();
      compute(
          ids,
          there.missing(ids),
          dropout,
          (members, pooledVectors) -> {
            float[] values = new float[members.length * config.hiddenSize()];
            device.download(values, pooledVectors);
            there.put(ids, members, values);
          });
      for (int from = 0; from < ids.length; from += size.sequences()) {
        int[] members =
            Arrays.copyOfRange(all, from, Math.min(ids.length, from + size.sequences()));
        device.upload(pooled.rows(members.length), there.get(ids, members));
        finish(members, pooled, vectors);
      }
    }
    return new Encoded(
        vectors,
        Arrays.stream(ids).mapToInt(sequence -> sequence.length).toArray(),
        texts.truncated());
  }

  private void requireMasks(List<String> texts, int[][] ids) {
    for (int i = 0; i < ids.length; i++) {
      if (Arrays.stream(ids[i]).noneMatch(id -> id == tokenizer.maskId())) {
        throw new IllegalArgumentException(
            "the text %s has no %s among its %d tokens, expected one, as pooling %s takes its vector"
                .formatted(
                    FileException.quote(texts.get(i)),
                    tokenizer.maskToken(),
                    ids[i].length,
                    pooling));
      }
    }
  }

  /** Takes the pooled vectors of some texts, which the next call overwrites. */
  @FunctionalInterface
  private interface PooledBatch {
    void take(int[] members, Tensor pooledVectors);
  }

  /**
   * Pools some of the texts, the longest first: the most expensive batch comes when the time left
   * is estimated.
   */
  private void compute(int[][] ids, int[] asked, Dropout dropout, PooledBatch result) {
    int[] order =
        Arrays.stream(asked)
            .boxed()
            .sorted((a, b) -> Integer.compare(ids[b].length, ids[a].length))
            .mapToInt(Integer::intValue)
            .toArray();
    for (int from = 0; from < order.length; ) {
      int to = from;
      int tokens = 0;
      while (to < order.length && to - from < size.sequences()) {
        tokens += pooling == Pooling.MEAN_PADDED ? maxLength : ids[order[to]].length;
        if (tokens > size.tokens()) {
          break;
        }
        to++;
      }
      int[] members = Arrays.copyOfRange(order, from, to);
      int[][] sequences = Arrays.stream(members).mapToObj(i -> ids[i]).toArray(int[][]::new);
      batch.upload(Packing.of(sequences, config, pooling, maxLength, tokenizer.padId()));
      if (dropout != Dropout.NONE) {
        dropout.step(dropout.step() + 1);
      }
      result.take(members, encoder.forward(dropout));
      from = to;
    }
  }

  /** Maps vectors, and does to them what the options say. */
  private void finish(int[] members, Tensor pooledVectors, float[][] vectors) {
    Tensor mapped = pooledVectors;
    for (VectorMap.Pass map : maps) {
      mapped = map.forward(mapped);
    }
    float[] values = new float[members.length * width];
    device.download(values, mapped);
    for (int i = 0; i < members.length; i++) {
      int start = i * width;
      if (options.normalize()) {
        UnitLength.divide(values, start, start + width);
      }
      vectors[members[i]] = Arrays.copyOfRange(values, start, start + dimensions);
    }
  }

  /** Texts so far that were longer than the maximum length and cut. */
  public long cutTexts() {
    return limit.cutTexts();
  }

  /** Frees the buffers; model and tokenizer stay. */
  @Override
  public void close() {
    workspace.close();
    closed = true;
  }
}
