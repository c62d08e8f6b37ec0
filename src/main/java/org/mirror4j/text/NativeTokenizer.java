package org.mirror4j.text;

import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;
import org.mirror4j.file.NativeLibraries;

/**
 * HuggingFace's tokenizers library: texts to ids, nothing else of it. Offline; safe for use by
 * several threads.
 *
 * <p>Where the library fails within a call for many texts, or finds itself in a state that it takes
 * for impossible, it ends the process. So what it is given is checked before: {@link ModelCheck},
 * {@link ComponentCheck}, {@link AddedTokens}.
 */
final class NativeTokenizer implements AutoCloseable {
  /**
   * Texts and characters of one native call: it holds an encoding of more than a kilobyte for each
   * text, and of a hundred bytes for each character, until all are done.
   */
  private static final int CALL_TEXTS = 1024, CALL_CHARACTERS = 1 << 20;

  private static final TokenizersLibrary NATIVE = TokenizersLibrary.LIB;

  private static boolean loaded;

  private final long handle;
  private boolean closed;

  /** Held for reading by those who use the library, so that it is not freed under them. */
  private final ReadWriteLock use = new ReentrantReadWriteLock();

  /**
   * Loads a tokenizer.
   *
   * @param json content of {@code tokenizer.json}, checked
   * @param source names it in messages
   * @throws TextException if the library refuses it
   */
  NativeTokenizer(String json, String source) {
    load();
    try {
      handle = NATIVE.createTokenizerFromString(json);
    } catch (RuntimeException e) {
      throw new TextException("%s: unusable tokenizer: %s".formatted(source, e.getMessage()), e);
    }
  }

  private static synchronized void load() {
    if (!loaded) {
      // Without this the library looks for a version of its own for the card, on the network too.
      System.setProperty("ai.djl.offline", "true");
      NativeLibraries.ofTokenizers();
      // It looks for its native part through the thread's loader, once in a process. Java's own
      // knows nothing of what another loader brought, as Spark and servers bring applications.
      Thread thread = Thread.currentThread();
      ClassLoader before = thread.getContextClassLoader();
      thread.setContextClassLoader(LibUtils.class.getClassLoader());
      try {
        LibUtils.checkStatus();
      } catch (EngineException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        throw new TextException("the tokenizers library does not load: " + cause.getMessage(), e);
      } finally {
        thread.setContextClassLoader(before);
      }
      loaded = true;
    }
  }

  /** The ids of a text, without special tokens around it. */
  int[] ids(String text) {
    use.readLock().lock();
    try {
      requireOpen();
      return take(NATIVE.encode(handle, wellFormed(text), false));
    } finally {
      use.readLock().unlock();
    }
  }

  /**
   * {@link #ids} of a text, and where in it each stands.
   *
   * @param blank whether a piece spells nothing but blanks
   */
  TextPieces pieces(String text, IntPredicate blank) {
    use.readLock().lock();
    try {
      requireOpen();
      long encoding = NATIVE.encode(handle, wellFormed(text), false);
      CharSpan[] spans = NATIVE.getTokenCharSpans(encoding);
      return TextPieces.of(take(encoding), spans, text, blank);
    } finally {
      use.readLock().unlock();
    }
  }

  /**
   * {@link #ids} of each text, on several threads.
   *
   * @param finish applied to the ids of each text
   */
  int[][] idsOfAll(List<String> texts, UnaryOperator<int[]> finish) {
    int[][] ids = new int[texts.size()][];
    for (int from = 0; from < ids.length; ) {
      int to = from;
      for (long characters = 0; to < ids.length && to - from < CALL_TEXTS; to++) {
        characters += texts.get(to).length();
        if (characters > CALL_CHARACTERS && to > from) {
          break;
        }
      }
      String[] inputs =
          texts.subList(from, to).stream().map(NativeTokenizer::wellFormed).toArray(String[]::new);
      use.readLock().lock();
      try {
        requireOpen();
        for (long encoding : NATIVE.batchEncode(handle, inputs, false)) {
          ids[from++] = finish.apply(take(encoding));
        }
      } finally {
        use.readLock().unlock();
      }
    }
    return ids;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the tokenizer is closed");
    }
  }

  /** Waits for those who use it; the second time does nothing. */
  @Override
  public void close() {
    use.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        NATIVE.deleteTokenizer(handle);
      }
    } finally {
      use.writeLock().unlock();
    }
  }

  /** Ids of an encoding, which is released. */
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
