package org.mirror4j.serve;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.mirror4j.EncodedText;
import org.mirror4j.serve.TextBatcher.PendingTexts;

/** From what a request asks for to its vectors, within the limits; knows no HTTP. */
final class EmbeddingService {
  /** How often a client that waits is looked at. */
  private static final Duration LOOK = Duration.ofMillis(500);

  private final ServedModel model;
  private final Limits limits;
  private final TextBatcher batcher;

  EmbeddingService(ServedModel model, Limits limits, TextBatcher batcher) {
    this.model = model;
    this.limits = limits;
    this.batcher = batcher;
  }

  /** The client went away: there is nobody to answer. */
  static final class ClientGoneException extends Exception {
    private static final long serialVersionUID = 1L;
  }

  /**
   * The vectors of a request, one a text, in order.
   *
   * @param held is given what the vectors will take
   * @param gone whether the client has gone away; its texts are taken back then
   * @throws Refusal if there are no vectors for it
   */
  List<EncodedText> embed(EmbeddingRequest request, HeldMemory.Share held, BooleanSupplier gone)
      throws ClientGoneException {
    List<String> texts = within(request);
    held.add((long) texts.size() * model.dimensions() * Float.BYTES);
    PendingTexts pending = batcher.submit(texts);
    try {
      List<EncodedText> encoded = await(pending, gone);
      requireWhole(request, encoded);
      return encoded;
    } finally {
      batcher.withdraw(pending);
    }
  }

  /** The texts, cut to the most characters where that is asked for. */
  private List<String> within(EmbeddingRequest request) {
    List<String> texts = new ArrayList<>(request.texts().size());
    for (String text : request.texts()) {
      if (text.length() <= limits.characters()) {
        texts.add(text);
      } else if (request.truncate()) {
        texts.add(cut(text, limits.characters(), model.cutsLeft()));
      } else {
        throw new Refusal(
            Refusal.Kind.TOO_LONG,
            request.field(),
            "text %d of '%s' has %,d characters, expected at most %,d"
                .formatted(texts.size(), request.field(), text.length(), limits.characters()));
      }
    }
    return texts;
  }

  /** At most so many characters of a text's beginning, or of its end, and no half of one. */
  static String cut(String text, int characters, boolean left) {
    if (left) {
      int from = text.length() - characters;
      return text.substring(Character.isLowSurrogate(text.charAt(from)) ? from + 1 : from);
    }
    return text.substring(
        0, Character.isHighSurrogate(text.charAt(characters - 1)) ? characters - 1 : characters);
  }

  private List<EncodedText> await(PendingTexts pending, BooleanSupplier gone)
      throws ClientGoneException {
    long end = System.nanoTime() + limits.answerTime().toNanos();
    int missed = 0;
    while (true) {
      long left = end - System.nanoTime();
      try {
        return pending.await(Duration.ofNanos(Math.clamp(left, 0, LOOK.toNanos())));
      } catch (TimeoutException e) {
        // A list of connections that changes while it is read may leave one out, once.
        missed = gone.getAsBoolean() ? missed + 1 : 0;
        if (missed == 2) {
          throw new ClientGoneException();
        }
        if (left <= 0) {
          throw new Refusal(
              Refusal.Kind.LATE,
              "the vectors were not there after %,d seconds"
                  .formatted(limits.answerTime().toSeconds()));
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new Refusal(Refusal.Kind.STOPPING, "the server is being stopped");
      } catch (ExecutionException e) {
        throw refusal(e.getCause());
      }
    }
  }

  /** What an engine says of a text is the client's affair; all else is the server's. */
  private static Refusal refusal(Throwable failure) {
    if (failure instanceof Refusal refusal) {
      return refusal;
    }
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    return cause instanceof IllegalArgumentException
        ? new Refusal(Refusal.Kind.UNCOMPUTABLE, String.valueOf(cause.getMessage()))
        : Refusal.failed("computing failed: " + failure.getMessage(), failure);
  }

  private void requireWhole(EmbeddingRequest request, List<EncodedText> encoded) {
    for (int i = 0; i < encoded.size() && !request.truncate(); i++) {
      if (encoded.get(i).truncated()) {
        throw new Refusal(
            Refusal.Kind.TOO_LONG,
            request.field(),
            "text %d of '%s' has more tokens than the %,d that %s takes"
                .formatted(i, request.field(), model.maxLength(), model.name()));
      }
    }
  }
}
