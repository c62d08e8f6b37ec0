import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.mirror4j.method.mirror.Recipe;
import org.mirror4j.research.LengthStatistics;
import org.mirror4j.text.Tokenizer;

/**
 * Token lengths of the two views of a corpus's items, as counts: what a run on a card needs of it.
 * Arguments: corpus, a vocab.txt of BERT, recipe. Prints one JSON object, for {@code
 * bench/gpu/lengths}.
 */
final class TokenLengths {
  public static void main(String[] arguments) throws IOException {
    Path corpus = Path.of(arguments[0]);
    Recipe recipe = Recipe.valueOf(arguments[2].toUpperCase(Locale.ROOT).replace('-', '_'));
    try (Tokenizer tokenizer =
        Tokenizer.wordPiece(Files.readAllLines(Path.of(arguments[1])), true)) {
      System.out.println(LengthStatistics.count(corpus, tokenizer, recipe).json());
    }
  }
}
