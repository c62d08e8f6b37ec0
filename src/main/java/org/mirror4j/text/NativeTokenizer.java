package org.mirror4j.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * HuggingFace's tokenizers library: texts to ids, nothing else of it. Offline; safe for use by
 * several threads.
 */
final class NativeTokenizer implements AutoCloseable {
  static {
    // Without these the library asks the network who is running it.
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
  }

  private static final Map<String, String> BARE =
      Map.of("truncation", "DO_NOT_TRUNCATE", "padding", "DO_NOT_PAD");

  private static final TokenizersLibrary NATIVE = TokenizersLibrary.LIB;

  private final HuggingFaceTokenizer library;
  private boolean closed;

  /** Held for reading by those who use the library, so that it is not freed under them. */
  private final ReadWriteLock use = new ReentrantReadWriteLock();

  /**
   * Loads a tokenizer.
   *
   * @param json content of {@code tokenizer.json}
   * @param source names it in messages
   * @throws TextException if the library refuses it
   */
  NativeTokenizer(String json, String source) {
    try {
      library =
          HuggingFaceTokenizer.newInstance(
              new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), BARE);
    } catch (IOException | RuntimeException e) {
      throw new TextException("%s: unusable tokenizer: %s".formatted(source, e.getMessage()), e);
    }
  }

  /**
   * The ids of a text.
   *
   * @param special whether special tokens are put around it
   */
  int[] ids(String text, boolean special) {
    use.readLock().lock();
    try {
      return take(NATIVE.encode(handle(), wellFormed(text), special));
    } finally {
      use.readLock().unlock();
    }
  }

  /** {@link #ids} of each text, on several threads. */
  int[][] idsOfAll(List<String> texts, boolean special) {
    if (texts.isEmpty()) {
      return new int[0][];
    }
    String[] inputs = texts.stream().map(NativeTokenizer::wellFormed).toArray(String[]::new);
    use.readLock().lock();
    try {
      long[] encodings = NATIVE.batchEncode(handle(), inputs, special);
      return Arrays.stream(encodings).mapToObj(NativeTokenizer::take).toArray(int[][]::new);
    } finally {
      use.readLock().unlock();
    }
  }

  private long handle() {
    if (closed) {
      throw new IllegalStateException("the tokenizer is closed");
    }
    return library.getHandle();
  }

  /** Waits for those who use it; the second time does nothing. */
  @Override
  public void close() {
    use.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        library.close();
      }
    } finally {
      use.writeLock().unlock();
    }
  }

  /**
   * Ids of an encoding, which is released. The library's own result object would fetch the text and
   * the span of each token as well.
   */
  private static int[] take(long encoding) {
    long[] wide = NATIVE.getTokenIds(encoding);
    NATIVE.deleteEncoding(encoding);
    int[] ids = new int[wide.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = Math.toIntExact(wide[i]);
    }
    return ids;
  }

  /** The library takes UTF-8, which cannot hold half a surrogate pair. */
  private static String wellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        int[] points = text.codePoints().map(p -> isLone(p) ? 0xFFFD : p).toArray();
        return new String(points, 0, points.length);
      }
    }
    return text;
  }

  private static boolean isLone(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }
}
