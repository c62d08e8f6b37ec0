import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.mirror4j.text.Corpus;
import org.mirror4j.text.SpanMask;
import org.mirror4j.text.TextPair;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.train.MirrorSettings;
import org.mirror4j.train.Recipe;

/**
 * Token lengths of the two views of a corpus's items, as counts: what a run on a card needs of it.
 * Arguments: corpus, a vocab.txt of BERT, recipe. Prints one JSON object, for {@code
 * bench/gpu/lengths}.
 */
final class TokenLengths {
  private record Lengths(int first, int second) {}

  public static void main(String[] arguments) throws IOException {
    Path corpus = Path.of(arguments[0]);
    Recipe recipe = Recipe.valueOf(arguments[2].toUpperCase().replace('-', '_'));
    MirrorSettings settings = recipe.settings();
    List<String> vocabulary = Files.readAllLines(Path.of(arguments[1]));
    List<TextPair> pairs = Corpus.read(corpus, Corpus.Options.DEFAULT).pairs();
    Map<Lengths, Integer> counts =
        new TreeMap<>(Comparator.comparing(Lengths::first).thenComparing(Lengths::second));
    try (Tokenizer tokenizer = Tokenizer.wordPiece(vocabulary, true)) {
      SpanMask mask = new SpanMask(settings.spanUnit(), settings.spanMask(), tokenizer.maskToken());
      for (int item = 0; item < pairs.size(); item++) {
        TextPair views = mask.apply(pairs.get(item), settings.seed(), 0, item);
        Lengths lengths =
            new Lengths(
                tokenizer.encode(views.left(), settings.maxLength()).length,
                tokenizer.encode(views.right(), settings.maxLength()).length);
        counts.merge(lengths, 1, Integer::sum);
      }
    }
    ObjectNode json = new ObjectMapper().createObjectNode();
    json.put("corpus", corpus.getFileName().toString());
    json.put("recipe", recipe.label());
    json.put("maxLength", settings.maxLength());
    ArrayNode rows = json.putArray("firstSecondCount");
    counts.forEach((l, count) -> rows.addArray().add(l.first()).add(l.second()).add(count));
    System.out.println(json);
  }
}
