package org.mirror4j.task.tagging;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.mirror4j.task.Examples;
import org.mirror4j.task.LabelNames;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.TextPieces;
import org.mirror4j.text.TokenizedText;
import org.mirror4j.text.Tokenizer;

/**
 * Sentences whose words have tags, as a model reads them: the pieces of each word by itself, of
 * which the first one is predicted (Devlin et al. 2019, section 5.3). A sentence that is too long
 * is cut after a word, and goes on in the next example; a word that is too long loses its last
 * pieces.
 */
final class TaggingExamples implements Examples<int[]> {
  private static final int SPECIAL_TOKENS = 2;

  private final List<TaggedSentence> sentences;
  private final LabelNames labels;
  private final List<Part> parts = new ArrayList<>();

  /**
   * Words of a sentence that are read together.
   *
   * @param sentence which one
   * @param from its first word
   * @param to one past its last word
   * @param ids with the special tokens around them
   * @param firsts of each word the place of its first piece
   */
  record Part(int sentence, int from, int to, int[] ids, int[] firsts) {}

  TaggingExamples(
      List<TaggedSentence> sentences, LabelNames labels, Tokenizer tokenizer, int maxLength) {
    this.sentences = sentences;
    this.labels = labels;
    for (int sentence = 0; sentence < sentences.size(); sentence++) {
      cut(sentence, tokenizer, maxLength);
    }
  }

  private void cut(int sentence, Tokenizer tokenizer, int maxLength) {
    List<String> words = sentences.get(sentence).words();
    int room = maxLength - SPECIAL_TOKENS;
    int[] ids = new int[room];
    int[] firsts = new int[words.size()];
    int from = 0;
    int length = 0;
    for (int word = 0; word < words.size(); word++) {
      int[] pieces = pieces(tokenizer, words.get(word), room);
      if (length + pieces.length > room) {
        parts.add(part(sentence, from, word, tokenizer, ids, length, firsts));
        from = word;
        length = 0;
      }
      firsts[word] = 1 + length;
      System.arraycopy(pieces, 0, ids, length, pieces.length);
      length += pieces.length;
    }
    parts.add(part(sentence, from, words.size(), tokenizer, ids, length, firsts));
  }

  /** A word that leaves no piece is unknown. */
  private static int[] pieces(Tokenizer tokenizer, String word, int room) {
    TextPieces pieces = tokenizer.pieces(word);
    return pieces.length() == 0
        ? new int[] {tokenizer.unknownId()}
        : Arrays.copyOf(pieces.ids(), Math.min(pieces.length(), room));
  }

  private static Part part(
      int sentence, int from, int to, Tokenizer tokenizer, int[] ids, int length, int[] firsts) {
    int[] all = new int[length + SPECIAL_TOKENS];
    all[0] = tokenizer.clsId();
    System.arraycopy(ids, 0, all, 1, length);
    all[length + 1] = tokenizer.sepId();
    return new Part(sentence, from, to, all, Arrays.copyOfRange(firsts, from, to));
  }

  /** The words of an example. */
  Part part(int example) {
    return parts.get(example);
  }

  @Override
  public int size() {
    return parts.size();
  }

  @Override
  public TokenizedText text(int example) {
    int[] ids = parts.get(example).ids;
    int[] none = new int[ids.length];
    return new TokenizedText(ids, none, none, none, none);
  }

  @Override
  public int[] targets(int[] examples, PackedBatch packed) {
    int[] targets = new int[packed.cuSeqlens()[examples.length]];
    Arrays.fill(targets, -1);
    for (int i = 0; i < examples.length; i++) {
      Part part = parts.get(examples[i]);
      List<String> tags = sentences.get(part.sentence).tags();
      for (int word = part.from; word < part.to; word++) {
        targets[packed.cuSeqlens()[i] + part.firsts[word - part.from]] =
            labels.number(tags.get(word));
      }
    }
    return targets;
  }

  @Override
  public int predictions(int example) {
    return parts.get(example).firsts.length;
  }
}
