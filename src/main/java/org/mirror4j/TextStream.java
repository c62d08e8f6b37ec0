package org.mirror4j;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.encode.EnginePool;

/**
 * Texts on their way through the engines of a pool: cut into chunks, handed over a little ahead of
 * who takes the results, and handed on in their order.
 */
final class TextStream {
  /** Characters that an engine is given at once, for long texts. */
  private static final int CHUNK_CHARACTERS = 1 << 20;

  private final EnginePool pool;
  private final int engines;
  private final int chunkTexts;
  private final Iterator<String> texts;
  private long taken;

  /**
   * A stream of which nothing is taken yet.
   *
   * @param chunkTexts the most texts that an engine is given at once
   */
  TextStream(EnginePool pool, int engines, int chunkTexts, Iterator<String> texts) {
    this.pool = pool;
    this.engines = engines;
    this.chunkTexts = chunkTexts;
    this.texts = texts;
  }

  /** Runs to the end of the texts, or to the first failure of any side. */
  void run(Consumer<? super EncodedText> consumer) {
    Queue<EnginePool.Call> ahead = new ArrayDeque<>();
    try {
      while (true) {
        // One more than can be computed, so that no engine waits for the consumer.
        while (ahead.size() <= engines && texts.hasNext()) {
          ahead.add(pool.submit(chunk()));
        }
        if (ahead.isEmpty()) {
          return;
        }
        EnginePool.Call call = ahead.element();
        TextEncoder.Encoded encoded = await(call);
        ahead.remove();
        for (int i = 0; i < call.texts().size(); i++) {
          consumer.accept(
              new EncodedText(
                  call.texts().get(i),
                  encoded.vectors()[i],
                  encoded.tokens()[i],
                  encoded.truncated()[i]));
        }
      }
    } finally {
      ahead.forEach(pool::withdraw);
    }
  }

  private List<String> chunk() {
    List<String> chunk = new ArrayList<>();
    int characters = 0;
    while (chunk.size() < chunkTexts && characters < CHUNK_CHARACTERS && texts.hasNext()) {
      String text = texts.next();
      requireText(text, taken++);
      chunk.add(text);
      characters += text.length();
    }
    return chunk;
  }

  private static TextEncoder.Encoded await(EnginePool.Call call) {
    try {
      return call.await();
    } catch (InterruptedException e) {
      throw Mirror4jException.interrupted("waiting for vectors", e);
    } catch (ExecutionException e) {
      throw Mirror4jException.of(e.getCause());
    }
  }

  /** The texts of a list that may change, all there. */
  static List<String> copyOf(List<String> texts) {
    Objects.requireNonNull(texts, "texts");
    List<String> copy = Arrays.asList(texts.toArray(String[]::new));
    for (int i = 0; i < copy.size(); i++) {
      requireText(copy.get(i), i);
    }
    return copy;
  }

  private static void requireText(String text, long index) {
    if (text == null) {
      throw new NullPointerException("text %d is null, counted from 0".formatted(index));
    }
  }
}
