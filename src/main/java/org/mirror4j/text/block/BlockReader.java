package org.mirror4j.text.block;

import java.nio.file.Path;
import java.util.List;
import org.mirror4j.text.LineReader;
import org.mirror4j.text.TextException;
import org.mirror4j.text.Tokenizer;

/**
 * Blocks of a corpus, one after the other, in memory that does not grow with it. Files are read as
 * {@link LineReader} says; an empty line ends a document, and so does a file. The blocks depend on
 * the files, the tokenizer and the settings alone. For use by one thread.
 */
public final class BlockReader implements AutoCloseable {
  /** Longer lines are cut; a paragraph of that size is no prose. */
  public static final int LINE_CHARACTERS = 100_000;

  private final BlockSettings settings;
  private final TokenizedLines lines;
  private final BlockBuilder builder;
  private boolean inDocument;
  private boolean finished;
  private long documents;
  private long annotated;

  /**
   * Before the first block.
   *
   * @param files raw text, or text and annotated spans if the settings have them come from a column
   * @throws TextException if a file is missing, a directory or empty, or the tokenizer's files do
   *     not say how two texts are put together and pairs are asked for
   */
  public BlockReader(List<Path> files, Tokenizer tokenizer, BlockSettings settings) {
    this.settings = settings;
    builder = BlockBuilder.of(tokenizer, settings);
    lines =
        new TokenizedLines(files, tokenizer, settings.spans(), settings.kind() != BlockKind.STREAM);
  }

  /**
   * The next block; null after the last one.
   *
   * @throws TextException if a file is no text, or a line has no column of spans where it should
   */
  public TokenBlock next() {
    TokenBlock block = builder.poll();
    while (block == null && !finished) {
      TokenizedLines.Line line = lines.next();
      if (line == null || line.blank()) {
        builder.endDocument();
        inDocument = false;
      } else {
        line.sentences().forEach(this::add);
      }
      if (line == null) {
        builder.finish();
        finished = true;
      }
      block = builder.poll();
    }
    return block;
  }

  private void add(Passage passage) {
    if (passage.length() > 0) {
      documents += inDocument ? 0 : 1;
      inDocument = true;
      annotated += passage.spans().size();
      builder.add(passage);
    }
  }

  /** What was found so far. */
  public BlockReport report() {
    LineReader read = lines.lines();
    return new BlockReport(
        settings.spans(),
        documents,
        builder.blocks(),
        builder.tokens(),
        annotated,
        builder.sentencesCut(),
        builder.tokensLeftOut(),
        builder.pairsWithoutOther(),
        read.lines(),
        read.cutLines(),
        LINE_CHARACTERS,
        read.invalidLines(),
        read.firstInvalidLine(),
        read.notices());
  }

  /**
   * What there is in all of a corpus, which is read from its first line to its last.
   *
   * @throws TextException as {@link #BlockReader} and {@link #next}
   */
  public static BlockReport report(List<Path> files, Tokenizer tokenizer, BlockSettings settings) {
    try (BlockReader reader = new BlockReader(files, tokenizer, settings)) {
      while (reader.next() != null) {
        // counted by the reader
      }
      return reader.report();
    }
  }

  /**
   * How often each token is in a corpus, in the order of ids: of its first lines, as many as have
   * the number of tokens. Special tokens count 0 but for the unknown one: what stands for another
   * token is drawn by these counts, and a drawn mask would be one.
   *
   * @param tokens at which counting ends, at least 1
   * @throws TextException as {@link #BlockReader} and {@link #next}; also if there is no token
   */
  public static long[] tokenCounts(
      List<Path> files, Tokenizer tokenizer, SpanSource spans, long tokens) {
    long[] counts = new long[tokenizer.vocabSize()];
    SpanSource read = spans == SpanSource.COLUMN ? spans : SpanSource.NONE;
    try (TokenizedLines lines = new TokenizedLines(files, tokenizer, read, false)) {
      long counted = 0;
      TokenizedLines.Line line = lines.next();
      while (line != null && counted < tokens) {
        for (Passage passage : line.sentences()) {
          counted += passage.length();
          for (int id : passage.ids()) {
            counts[id]++;
          }
        }
        line = lines.next();
      }
      for (int id : List.of(tokenizer.clsId(), tokenizer.sepId(), tokenizer.padId())) {
        counts[id] = 0;
      }
      counts[tokenizer.maskId()] = 0;
      if (counted == 0) {
        throw new TextException(files + ": no token, expected text");
      }
      return counts;
    }
  }

  @Override
  public void close() {
    lines.close();
  }
}
