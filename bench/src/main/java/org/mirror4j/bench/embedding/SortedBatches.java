package org.mirror4j.bench.embedding;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Texts to batches of token ids of similar length, by HuggingFace's tokenizer, for the sides that
 * have no packed sequences: each batch is as long as its first text, and little of it is padding.
 */
final class SortedBatches implements AutoCloseable {
  private final HuggingFaceTokenizer tokenizer;
  private final int batch;
  private final boolean padded;

  /**
   * @param batch most texts of one
   * @param padded whether the texts of one may differ in length
   */
  SortedBatches(MiniLm miniLm, int batch, boolean padded) {
    this.batch = batch;
    this.padded = padded;
    try {
      tokenizer =
          HuggingFaceTokenizer.builder()
              .optTokenizerPath(miniLm.directory().resolve("tokenizer.json"))
              .optPadding(false)
              .optTruncation(true)
              .optMaxLength(EngineEncoder.MAX_LENGTH)
              .build();
    } catch (IOException problem) {
      throw new UncheckedIOException(problem);
    }
  }

  /** Computes a batch. */
  interface BatchEncoder {
    /**
     * Vectors of the texts.
     *
     * @param ids of each text, the longest first
     */
    float[][] encode(int[][] ids);
  }

  /** Vectors of texts, in their order. */
  float[][] encode(List<String> texts, BatchEncoder encoder) {
    List<int[]> ids = new ArrayList<>();
    for (Encoding encoding : tokenizer.batchEncode(texts)) {
      ids.add(Arrays.stream(encoding.getIds()).mapToInt(id -> (int) id).toArray());
    }
    List<Integer> order =
        IntStream.range(0, ids.size())
            .boxed()
            .sorted(Comparator.comparing(i -> -ids.get(i).length))
            .toList();
    float[][] vectors = new float[ids.size()][];
    for (int from = 0, to; from < order.size(); from = to) {
      to = end(from, order, ids);
      List<Integer> members = order.subList(from, to);
      float[][] encoded = encoder.encode(members.stream().map(ids::get).toArray(int[][]::new));
      for (int i = 0; i < encoded.length; i++) {
        vectors[members.get(i)] = encoded[i];
      }
    }
    return vectors;
  }

  private int end(int from, List<Integer> order, List<int[]> ids) {
    int most = Math.min(from + batch, order.size());
    int to = from + 1;
    while (to < most
        && (padded || ids.get(order.get(to)).length == ids.get(order.get(from)).length)) {
      to++;
    }
    return to;
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
