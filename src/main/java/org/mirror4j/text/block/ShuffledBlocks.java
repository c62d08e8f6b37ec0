package org.mirror4j.text.block;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.mirror4j.text.ItemRandom;

/**
 * Blocks of a corpus in a random order, as far as a buffer allows: each block is drawn from those
 * in the buffer, and the next one that is read takes its place. The order depends on the corpus,
 * the size of the buffer, the seed and the epoch alone. For use by one thread.
 */
public final class ShuffledBlocks implements AutoCloseable {
  private final Supplier<BlockReader> corpus;
  private final int size;
  private final long seed;
  private final List<TokenBlock> buffer = new ArrayList<>();
  private BlockReader reader;
  private ItemRandom random;

  /**
   * Before the first block of epoch 0.
   *
   * @param corpus opens it from its start
   * @param size most blocks in the buffer, at least 1, which leaves them in reading order
   */
  public ShuffledBlocks(Supplier<BlockReader> corpus, int size, long seed) {
    if (size < 1) {
      throw new IllegalArgumentException(
          "the shuffle buffer has %d blocks, expected at least 1".formatted(size));
    }
    this.corpus = corpus;
    this.size = size;
    this.seed = seed;
    start(0);
  }

  /** Before the first block of an epoch; the corpus is read anew. */
  public void start(int epoch) {
    if (reader != null) {
      reader.close();
    }
    buffer.clear();
    reader = corpus.get();
    random = new ItemRandom(ItemRandom.Use.SHUFFLED_BLOCKS, seed, epoch, 0);
  }

  /** The next block; null after the last one of the epoch. */
  public TokenBlock next() {
    while (buffer.size() < size) {
      TokenBlock read = reader.next();
      if (read == null) {
        break;
      }
      buffer.add(read);
    }
    if (buffer.isEmpty()) {
      return null;
    }
    int drawn = random.below(buffer.size());
    TokenBlock last = buffer.removeLast();
    return drawn == buffer.size() ? last : buffer.set(drawn, last);
  }

  /** What the current epoch has found so far; it reads ahead of {@link #next}. */
  public BlockReport report() {
    return reader.report();
  }

  @Override
  public void close() {
    reader.close();
  }
}
