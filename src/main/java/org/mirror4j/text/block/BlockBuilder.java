package org.mirror4j.text.block;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalInt;
import org.mirror4j.text.ItemRandom;
import org.mirror4j.text.TextPieces;
import org.mirror4j.text.TokenizedText;
import org.mirror4j.text.Tokenizer;

/**
 * Puts passages, as they are read, together to blocks. What is drawn for a block depends on the
 * seed and its number alone.
 */
abstract class BlockBuilder {
  private final Tokenizer tokenizer;
  private final BlockSettings settings;
  private final int limit;
  private final Deque<TokenBlock> ready = new ArrayDeque<>();
  private long blocks;
  private ItemRandom random;
  private int target;
  private long tokens;
  private long sentencesCut;
  private long tokensLeftOut;
  private long pairsWithoutOther;

  /**
   * Nothing read yet.
   *
   * @param specialTokens of a block
   */
  BlockBuilder(Tokenizer tokenizer, BlockSettings settings, int specialTokens) {
    this.tokenizer = tokenizer;
    this.settings = settings;
    limit = settings.maxLength() - specialTokens;
    if (limit < 2) {
      throw new IllegalArgumentException(
          "the maximum length of a block is %d tokens, expected at least %d, as %d are special"
              .formatted(settings.maxLength(), specialTokens + 2, specialTokens));
    }
    startBlock();
  }

  static BlockBuilder of(Tokenizer tokenizer, BlockSettings settings) {
    return switch (settings.kind()) {
      case STREAM -> new StreamBlocks(tokenizer, settings);
      case SENTENCES -> new SentenceBlocks(tokenizer, settings);
      case PAIRS -> new PairBlocks(tokenizer, settings);
    };
  }

  /** Adds what follows in the document: a sentence, or a line of several. */
  abstract void add(Passage passage);

  /** Ends the document. */
  abstract void endDocument();

  /** Ends the corpus, after its last document. */
  void finish() {}

  /** The next block that is ready; null if there is none yet. */
  final TokenBlock poll() {
    return ready.poll();
  }

  /** Most text tokens of a block. */
  final int limit() {
    return limit;
  }

  /** Text tokens that the current block is to have. */
  final int target() {
    return target;
  }

  /** Numbers of the current block. */
  final ItemRandom random() {
    return random;
  }

  /** A sentence in parts that fit into a block. */
  final List<Passage> fitting(Passage sentence) {
    sentencesCut += sentence.length() > limit ? 1 : 0;
    return sentence.parts(limit);
  }

  /** The current block is one segment; the next one begins. */
  final void emit(Passage text) {
    int[] ids = new int[text.length() + 2];
    ids[0] = tokenizer.clsId();
    System.arraycopy(text.ids(), 0, ids, 1, text.length());
    ids[ids.length - 1] = tokenizer.sepId();
    List<TokenRange> spans = text.spans().stream().map(span -> span.shifted(1)).toList();
    emit(TokenBlock.of(blocks, ids, spans));
  }

  /**
   * The current block is two segments, of which the longer one loses tokens at random ends where
   * both are too long; the next block begins.
   */
  final void emit(Passage whole, Passage wholeSecond, boolean follows) {
    int[] from = {0, 0};
    int[] to = {whole.length(), wholeSecond.length()};
    while (to[0] - from[0] + to[1] - from[1] > limit) {
      int longer = to[0] - from[0] > to[1] - from[1] ? 0 : 1;
      if (random.below(2) == 0) {
        from[longer]++;
      } else {
        to[longer]--;
      }
    }
    Passage first = whole.slice(from[0], to[0]);
    Passage second = wholeSecond.slice(from[1], to[1]);
    TokenizedText pair =
        tokenizer.joinPair(TextPieces.of(first.ids()), TextPieces.of(second.ids()));
    int[] starts = {first(pair.texts(), 0), first(pair.texts(), 1)};
    List<TokenRange> spans = new ArrayList<>();
    first.spans().forEach(span -> spans.add(span.shifted(starts[0])));
    second.spans().forEach(span -> spans.add(span.shifted(starts[1])));
    emit(
        new TokenBlock(
            blocks,
            pair.ids(),
            pair.typeIds(),
            List.of(
                new TokenRange(starts[0], starts[0] + first.length()),
                new TokenRange(starts[1], starts[1] + second.length())),
            List.copyOf(spans),
            OptionalInt.of(follows ? 0 : 1)));
  }

  private static int first(int[] texts, int text) {
    int at = 0;
    while (texts[at] != text) {
      at++;
    }
    return at;
  }

  private void emit(TokenBlock block) {
    ready.add(block);
    tokens += block.ids().length;
    blocks++;
    startBlock();
  }

  private void startBlock() {
    random = new ItemRandom(ItemRandom.Use.BLOCK, settings.seed(), 0, blocks);
    boolean isShort = random.unit() < settings.shortSequences();
    target = isShort ? 2 + random.below(limit - 1) : limit;
  }

  /** Counts tokens that become part of no block. */
  final void leaveOut(int count) {
    tokensLeftOut += count;
  }

  /** Counts a pair for which there is no other document. */
  final void missOther() {
    pairsWithoutOther++;
  }

  final long blocks() {
    return blocks;
  }

  final long tokens() {
    return tokens;
  }

  final long sentencesCut() {
    return sentencesCut;
  }

  final long tokensLeftOut() {
    return tokensLeftOut;
  }

  final long pairsWithoutOther() {
    return pairsWithoutOther;
  }
}
