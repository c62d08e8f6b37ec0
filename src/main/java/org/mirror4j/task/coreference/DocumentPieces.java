package org.mirror4j.task.coreference;

import static org.mirror4j.file.FileException.quote;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.mirror4j.text.TextException;
import org.mirror4j.text.Tokenizer;

/**
 * A document as an encoder takes it: segments that do not overlap and are encoded apart (Joshi et
 * al. 2019, "BERT for Coreference Resolution", section 3.1, the independent variant), each between
 * special tokens. The encoder's output has a row a token, all segments end to end; the arrays by
 * row say what it is of.
 *
 * @param segments [segments][tokens], with the special tokens
 * @param segmentOfRow [rows]
 * @param wordOfRow [rows], words of the whole document; {@value #SPECIAL} at special tokens
 * @param sentenceOfRow [rows], sentences of the whole document; {@value #SPECIAL} at special tokens
 * @param speakerOfRow [rows], numbers that hold within the document: 0 where nobody is named, and
 *     at special tokens
 */
public record DocumentPieces(
    int[][] segments,
    int[] segmentOfRow,
    int[] wordOfRow,
    int[] sentenceOfRow,
    int[] speakerOfRow) {
  /** Stands for the word or sentence of a special token. */
  public static final int SPECIAL = -1;

  /** Special tokens of a segment. */
  private static final int AROUND = 2;

  /**
   * Cuts a document into segments of as many whole sentences as they hold. A sentence that is too
   * long is cut after a word.
   *
   * @param maxSegmentLength most tokens of a segment, special tokens counted
   * @throws TextException if the document has no words, as files of few columns, or one of them
   *     alone is too long
   */
  public static DocumentPieces of(
      CoreferenceDocument document, Tokenizer tokenizer, int maxSegmentLength) {
    Words words = Words.of(document, tokenizer);
    List<int[]> segments = new ArrayList<>();
    List<Integer> firstWords = new ArrayList<>();
    int room = maxSegmentLength - AROUND;
    int from = 0;
    while (from < words.pieces().length) {
      int to = words.segmentEnd(from, room);
      if (to == from) {
        throw new TextException(
            "document %s: the word %s has %d pieces, expected at most %d"
                .formatted(
                    quote(document.title()),
                    quote(document.words().get(from)),
                    words.pieces()[from].length,
                    room));
      }
      firstWords.add(from);
      segments.add(framed(tokenizer, Arrays.copyOfRange(words.pieces(), from, to)));
      from = to;
    }
    return of(words, segments, firstWords);
  }

  private static int[] framed(Tokenizer tokenizer, int[][] pieces) {
    int[] all = Arrays.stream(pieces).flatMapToInt(Arrays::stream).toArray();
    int[] framed = new int[all.length + AROUND];
    framed[0] = tokenizer.clsId();
    System.arraycopy(all, 0, framed, 1, all.length);
    framed[framed.length - 1] = tokenizer.sepId();
    return framed;
  }

  private static DocumentPieces of(Words words, List<int[]> segments, List<Integer> firstWords) {
    int rows = segments.stream().mapToInt(segment -> segment.length).sum();
    int[] segmentOfRow = new int[rows];
    int[] wordOfRow = new int[rows];
    int[] sentenceOfRow = new int[rows];
    int[] speakerOfRow = new int[rows];
    Arrays.fill(wordOfRow, SPECIAL);
    Arrays.fill(sentenceOfRow, SPECIAL);
    int row = 0;
    for (int s = 0; s < segments.size(); s++) {
      int end = row + segments.get(s).length;
      Arrays.fill(segmentOfRow, row, end, s);
      int next = row + 1;
      for (int word = firstWords.get(s); next < end - 1; word++) {
        int after = next + words.pieces()[word].length;
        Arrays.fill(wordOfRow, next, after, word);
        Arrays.fill(sentenceOfRow, next, after, words.sentences()[word]);
        Arrays.fill(speakerOfRow, next, after, words.speakers()[word]);
        next = after;
      }
      row = end;
    }
    return new DocumentPieces(
        segments.toArray(int[][]::new), segmentOfRow, wordOfRow, sentenceOfRow, speakerOfRow);
  }

  /**
   * Some of the segments alone: documents that are too long to learn from whole are learnt from in
   * part. Words, sentences and speakers keep their numbers, segments count from 0.
   *
   * @param from the first
   * @param to one past the last
   */
  public DocumentPieces window(int from, int to) {
    int firstRow = rowsBefore(from);
    int lastRow = rowsBefore(to);
    return new DocumentPieces(
        Arrays.copyOfRange(segments, from, to),
        Arrays.stream(segmentOfRow, firstRow, lastRow).map(segment -> segment - from).toArray(),
        Arrays.copyOfRange(wordOfRow, firstRow, lastRow),
        Arrays.copyOfRange(sentenceOfRow, firstRow, lastRow),
        Arrays.copyOfRange(speakerOfRow, firstRow, lastRow));
  }

  private int rowsBefore(int segment) {
    return Arrays.stream(segments, 0, segment).mapToInt(tokens -> tokens.length).sum();
  }

  /**
   * What is known of each word.
   *
   * @param pieces [words][pieces], one at least
   * @param sentences [words]
   * @param speakers [words]
   */
  private record Words(int[][] pieces, int[] sentences, int[] speakers) {
    static Words of(CoreferenceDocument document, Tokenizer tokenizer) {
      List<String> texts = document.words().stream().map(Words::text).toList();
      int[][] pieces = tokenizer.encodeAllPieces(texts);
      for (int word = 0; word < pieces.length; word++) {
        if (document.words().get(word).isEmpty()) {
          throw new TextException(
              "document %s has no words, expected them in the fourth column"
                  .formatted(quote(document.title())));
        }
        // Of a word of control characters the tokenizer leaves nothing.
        pieces[word] = pieces[word].length == 0 ? new int[] {tokenizer.unknownId()} : pieces[word];
      }
      int[] sentences = new int[pieces.length];
      int[] speakers = new int[pieces.length];
      Map<String, Integer> numbers = new HashMap<>(Map.of(CoreferenceDocument.NO_SPEAKER, 0));
      int word = 0;
      for (int s = 0; s < document.sentences().size(); s++) {
        for (String speaker : document.sentences().get(s).speakers()) {
          sentences[word] = s;
          speakers[word++] = numbers.computeIfAbsent(speaker, key -> numbers.size());
        }
      }
      return new Words(pieces, sentences, speakers);
    }

    /**
     * A word as it is written: OntoNotes has a stop and a question mark of speech as {@code /.} and
     * {@code /?}. The blank before it makes a word of it where tokenizers tell that from a
     * continuation.
     */
    private static String text(String word) {
      boolean marked = word.equals("/.") || word.equals("/?");
      return " " + (marked ? word.substring(1) : word);
    }

    /**
     * One past the last word of a segment: after the last sentence that ends in the room, or else
     * after the last word; the first word itself where not even that has room.
     */
    int segmentEnd(int from, int room) {
      int afterSentence = from;
      int to = from;
      int length = 0;
      while (to < pieces.length && length + pieces[to].length <= room) {
        length += pieces[to].length;
        to++;
        if (to == pieces.length || sentences[to] != sentences[to - 1]) {
          afterSentence = to;
        }
      }
      return afterSentence > from ? afterSentence : to;
    }
  }
}
