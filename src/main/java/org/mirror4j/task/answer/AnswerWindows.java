package org.mirror4j.task.answer;

import static org.mirror4j.file.FileException.quote;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.mirror4j.task.Examples;
import org.mirror4j.task.TextSpan;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.TextException;
import org.mirror4j.text.TextPieces;
import org.mirror4j.text.TokenizedText;
import org.mirror4j.text.Tokenizer;

/**
 * Questions as a model reads them: each with a window of its passage, as many windows as it takes
 * (Devlin et al. 2019, section 4.2; SpanBERT's released code). Targets are the first and the last
 * token of the answer; the first token of all, {@code [CLS]}, where the window does not hold it.
 */
final class AnswerWindows implements Examples<int[]> {
  private final List<Question> questions;
  private final Tokenizer tokenizer;
  private final List<TextPieces> asked = new ArrayList<>();
  private final List<TextPieces> passages = new ArrayList<>();
  private final List<Window> windows = new ArrayList<>();

  /**
   * Part of a passage.
   *
   * @param question which one asks of it
   * @param from its first piece among those of the passage
   * @param to one past its last piece
   */
  record Window(int question, int from, int to) {
    /** How much of the passage stands beside a piece, with a little for the window's length. */
    double context(int piece) {
      return Math.min(piece - from, to - 1 - piece) + 0.01 * (to - from);
    }

    boolean holds(int piece) {
      return piece >= from && piece < to;
    }
  }

  /**
   * How questions become windows.
   *
   * @param maxLength tokens of question, window and special tokens together
   * @param maxQuestion pieces of a question; what is longer is cut
   * @param stride pieces from the start of one window to that of the next
   */
  record Sizes(int maxLength, int maxQuestion, int stride) {}

  /**
   * Cuts passages into windows.
   *
   * @throws TextException if a question leaves no room for its passage
   */
  AnswerWindows(List<Question> questions, Tokenizer tokenizer, Sizes sizes) {
    this.questions = questions;
    this.tokenizer = tokenizer;
    // Questions of one paragraph share its text, which is tokenized once.
    Map<String, TextPieces> known = new IdentityHashMap<>();
    for (int question = 0; question < questions.size(); question++) {
      Question one = questions.get(question);
      TextPieces text = tokenizer.pieces(one.question());
      asked.add(text.slice(0, Math.min(text.length(), sizes.maxQuestion)));
      TextPieces passage = known.computeIfAbsent(one.context(), tokenizer::pieces);
      passages.add(passage);
      int most = sizes.maxLength - tokenizer.pairSpecialTokens();
      int room = most - asked.getLast().length();
      if (room < 1) {
        throw new TextException(
            "question %s has %d pieces, which leave no room for its passage: expected fewer than %d"
                    .formatted(quote(one.id()), asked.getLast().length(), most)
                + ", or more tokens than %d to an example".formatted(sizes.maxLength));
      }
      cut(question, passage.length(), room, sizes.stride);
    }
  }

  private void cut(int question, int pieces, int room, int stride) {
    int count = pieces <= room ? 1 : 1 + Math.ceilDiv(pieces - room, Math.min(stride, room));
    for (int i = 0; i < count; i++) {
      int from = i * Math.min(stride, room);
      windows.add(new Window(question, from, Math.min(pieces, from + room)));
    }
  }

  Window window(int example) {
    return windows.get(example);
  }

  /** The pieces of a question's passage. */
  TextPieces passage(int question) {
    return passages.get(question);
  }

  @Override
  public int size() {
    return windows.size();
  }

  @Override
  public TokenizedText text(int example) {
    Window window = windows.get(example);
    return tokenizer.joinPair(
        asked.get(window.question), passages.get(window.question).slice(window.from, window.to));
  }

  /** The place in a batch's sequence of the first piece of the passage. */
  int firstOfPassage(int example) {
    TokenizedText text = text(example);
    for (int i = 0; i < text.length(); i++) {
      if (text.texts()[i] == 1) {
        return i;
      }
    }
    return text.length();
  }

  @Override
  public int[] targets(int[] examples, PackedBatch packed) {
    int[] targets = new int[2 * examples.length];
    for (int i = 0; i < examples.length; i++) {
      Window window = windows.get(examples[i]);
      Question question = questions.get(window.question);
      if (question.spans().isEmpty()) {
        continue;
      }
      TextSpan answer = question.spans().getFirst();
      TextPieces passage = passages.get(window.question);
      int first = firstAfter(passage.ends(), answer.start() + 1);
      int last = firstAfter(passage.starts(), answer.end()) - 1;
      if (first <= last && window.holds(first) && window.holds(last)) {
        int offset = firstOfPassage(examples[i]) - window.from;
        targets[2 * i] = offset + first;
        targets[2 * i + 1] = offset + last;
      }
    }
    return targets;
  }

  /** The first of ascending places that is at least {@code place}. */
  private static int firstAfter(int[] places, int place) {
    int i = 0;
    while (i < places.length && places[i] < place) {
      i++;
    }
    return i;
  }

  @Override
  public int predictions(int example) {
    return 1;
  }
}
