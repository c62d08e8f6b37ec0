package org.mirror4j.text.block;

import java.nio.file.Path;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.mirror4j.text.LineReader;
import org.mirror4j.text.TextException;
import org.mirror4j.text.TextPieces;
import org.mirror4j.text.Tokenizer;

/**
 * Lines of text files as tokens, one after the other. A window of them is tokenised at once, on
 * several threads.
 */
final class TokenizedLines implements AutoCloseable {
  /** Most lines and about the most characters of a window: enough for all cores, little memory. */
  private static final int WINDOW_LINES = 4096, WINDOW_CHARACTERS = 1 << 18;

  /** Never used itself, but copied: to make another one takes much longer. */
  private static final BreakIterator SENTENCES = BreakIterator.getSentenceInstance(Locale.ROOT);

  private final CorpusLines lines;
  private final Tokenizer tokenizer;
  private final SpanSource spans;
  private final boolean inSentences;
  private List<Line> window = List.of();
  private int next;

  /**
   * A line that is tokenised.
   *
   * @param sentences its tokens, a passage a sentence, or all in one; none of a blank line
   * @param blank whether it ends a document
   */
  record Line(List<Passage> sentences, boolean blank) {}

  /**
   * Reads files in order.
   *
   * @param inSentences whether lines are split into sentences
   * @throws TextException if a file is missing, a directory or empty
   */
  TokenizedLines(List<Path> files, Tokenizer tokenizer, SpanSource spans, boolean inSentences) {
    lines = new CorpusLines(files, spans);
    this.tokenizer = tokenizer;
    this.spans = spans;
    this.inSentences = inSentences;
  }

  /** The next line; null after the last one. */
  Line next() {
    if (next == window.size()) {
      window = readWindow().parallelStream().map(this::tokenized).toList();
      next = 0;
    }
    return window.isEmpty() ? null : window.get(next++);
  }

  private List<CorpusLines.Line> readWindow() {
    List<CorpusLines.Line> read = new ArrayList<>();
    long characters = 0;
    while (read.size() < WINDOW_LINES && characters < WINDOW_CHARACTERS) {
      CorpusLines.Line line = lines.next();
      if (line == null) {
        break;
      }
      read.add(line);
      characters += line.text().length();
    }
    return read;
  }

  private Line tokenized(CorpusLines.Line read) {
    String text = read.text();
    if (text.isBlank()) {
      return new Line(List.of(), true);
    }
    if (!inSentences && spans == SpanSource.NONE) {
      return new Line(List.of(new Passage(tokenizer.encodePieces(text), List.of())), false);
    }
    int[] sentenceEnds =
        inSentences || spans == SpanSource.CAPITALISED ? sentenceEnds(text) : new int[0];
    List<int[]> found =
        switch (spans) {
          case NONE -> List.of();
          case COLUMN -> read.spans();
          case CAPITALISED -> SpanHeuristics.capitalised(text, sentenceEnds);
          case BETWEEN_FUNCTION_WORDS -> SpanHeuristics.betweenFunctionWords(text);
        };
    TextPieces pieces = tokenizer.pieces(text);
    Passage line = new Passage(pieces.ids(), ofTokens(found, pieces));
    return new Line(inSentences ? sentences(line, pieces, sentenceEnds) : List.of(line), false);
  }

  /** One past the last UTF-16 unit of each sentence. */
  static int[] sentenceEnds(String text) {
    BreakIterator sentences = (BreakIterator) SENTENCES.clone();
    sentences.setText(text);
    int[] ends = new int[16];
    int count = 0;
    for (int end = sentences.next(); end != BreakIterator.DONE; end = sentences.next()) {
      if (count == ends.length) {
        ends = Arrays.copyOf(ends, 2 * count);
      }
      ends[count++] = end;
    }
    return Arrays.copyOf(ends, count);
  }

  /** Tokens that share a character with each span; a span that has none is left out. */
  private static List<TokenRange> ofTokens(List<int[]> spans, TextPieces pieces) {
    List<TokenRange> tokens = new ArrayList<>();
    for (int[] span : spans) {
      int from = firstAtLeast(pieces.ends(), span[0] + 1);
      int to = firstAtLeast(pieces.starts(), span[1]);
      if (from < to) {
        tokens.add(new TokenRange(from, to));
      }
    }
    return List.copyOf(tokens);
  }

  /**
   * A sentence ends where its last token does. Where that would part an annotated span, which is
   * how a name with an abbreviation looks, it goes on.
   */
  private static List<Passage> sentences(Passage line, TextPieces pieces, int[] sentenceEnds) {
    boolean[] parts = new boolean[line.length() + 1];
    for (TokenRange span : line.spans()) {
      Arrays.fill(parts, span.from() + 1, span.to(), true);
    }
    List<TokenRange> spans =
        line.spans().stream().sorted(Comparator.comparingInt(TokenRange::from)).toList();
    List<Passage> sentences = new ArrayList<>();
    int from = 0;
    int firstSpan = 0;
    for (int i = 0; i < sentenceEnds.length; i++) {
      // Pieces of blanks at the end of the line have their place behind its last character.
      boolean last = i == sentenceEnds.length - 1;
      int to = last ? line.length() : firstAtLeast(pieces.starts(), sentenceEnds[i]);
      if (to > from && !parts[to]) {
        int start = from;
        int lastSpan = firstSpan;
        while (lastSpan < spans.size() && spans.get(lastSpan).from() < to) {
          lastSpan++;
        }
        sentences.add(
            new Passage(
                Arrays.copyOfRange(line.ids(), from, to),
                spans.subList(firstSpan, lastSpan).stream()
                    .map(span -> span.shifted(-start))
                    .toList()));
        from = to;
        firstSpan = lastSpan;
      }
    }
    return sentences;
  }

  /** Index of the first value that is not smaller, or the length; values do not descend. */
  private static int firstAtLeast(int[] values, int value) {
    int low = 0;
    int high = values.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (values[middle] < value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  LineReader lines() {
    return lines.reader();
  }

  @Override
  public void close() {
    lines.close();
  }
}
