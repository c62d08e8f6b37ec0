package org.mirror4j.bench.text;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.modality.nlp.DefaultVocabulary;
import ai.djl.modality.nlp.bert.BertFullTokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.mirror4j.bench.embedding.MiniLm;
import org.mirror4j.bench.embedding.Sentences;
import org.mirror4j.text.Tokenizer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Sentences to token ids with the vocabulary of all-MiniLM-L6-v2. */
@State(Scope.Benchmark)
public class Tokenizing {
  private static final int MAX_LENGTH = 256;

  @Param("10000")
  public int texts;

  private List<String> sentences;
  private Tokenizer tokenizer;
  private HuggingFaceTokenizer huggingFace;
  private BertFullTokenizer plainJava;

  /** Opens all tokenizers and compares their ids. */
  @Setup(Level.Trial)
  public void open() throws IOException {
    sentences = Sentences.read(texts).texts();
    MiniLm miniLm = MiniLm.converted();
    tokenizer = Tokenizer.open(miniLm.directory());
    huggingFace =
        HuggingFaceTokenizer.builder()
            .optTokenizerPath(miniLm.directory().resolve("tokenizer.json"))
            .optPadding(false)
            .optTruncation(true)
            .optMaxLength(MAX_LENGTH)
            .build();
    List<String> vocabulary = new ArrayList<>();
    for (int id = 0; id < tokenizer.vocabSize(); id++) {
      vocabulary.add(tokenizer.token(id));
    }
    plainJava =
        new BertFullTokenizer(
            DefaultVocabulary.builder().add(vocabulary).optUnknownToken("[UNK]").build(), true);
    int[][] expected = mirror4j();
    Encoding[] got = huggingFace();
    for (int i = 0; i < expected.length; i++) {
      int[] ids = Arrays.stream(got[i].getIds()).mapToInt(id -> (int) id).toArray();
      if (!Arrays.equals(expected[i], ids)) {
        throw new IllegalStateException(
            "'%s' is %s, DJL says %s"
                .formatted(sentences.get(i), Arrays.toString(expected[i]), Arrays.toString(ids)));
      }
    }
  }

  /** The engine's tokenizer: HuggingFace's library, ids alone. */
  @Benchmark
  public int[][] mirror4j() {
    return tokenizer.encodeAll(sentences, MAX_LENGTH);
  }

  /** DJL's binding of the same library. */
  @Benchmark
  public Encoding[] huggingFace() {
    return huggingFace.batchEncode(sentences);
  }

  /** DJL's tokenizer in plain Java, word pieces without ids. */
  @Benchmark
  public List<List<String>> plainJava() {
    return sentences.stream().map(plainJava::tokenize).toList();
  }

  /** Closes the native ones. */
  @TearDown(Level.Trial)
  public void close() {
    tokenizer.close();
    huggingFace.close();
  }
}
