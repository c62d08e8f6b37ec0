package example;

import java.util.List;
import org.mirror4j.Encoder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The lines of the README, in a program that logs. */
public final class Example {
  private static final Logger LOG = LoggerFactory.getLogger(Example.class);

  private Example() {}

  /** Logs what the bundled model says of a few texts. */
  public static void main(String[] arguments) {
    List<String> texts = List.of("a cup of tea", "a pot of coffee", "the king of France");
    try (Encoder encoder = Encoder.bundled()) {
      float[] vector = encoder.embed("a cup of tea");
      float[][] vectors = encoder.embed(texts);
      double similarity = encoder.similarity("king", "queen");
      LOG.info("{} vectors of {} elements, {}", vectors.length, vector.length, encoder.device());
      LOG.info("king and queen: {}", similarity);
    }
  }
}
