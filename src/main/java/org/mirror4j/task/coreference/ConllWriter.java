package org.mirror4j.task.coreference;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.FileException;

/**
 * Writes documents in the twelve columns of CoNLL-2012, tabs between: name, part, number of the
 * word in its sentence, word, six that nothing is known of but the speaker, named entities of which
 * nothing is known either, chains. {@link ConllReader} and the reference scorer read it.
 */
public final class ConllWriter {
  private ConllWriter() {}

  /**
   * Writes a file, whole or not at all.
   *
   * @throws IllegalArgumentException if mentions of a chain overlap and neither is within the other
   * @throws FileException if it cannot be written
   */
  public static void write(Path file, List<CoreferenceDocument> documents) {
    AtomicFiles.writeFile(file, text(documents).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The content of a file.
   *
   * @throws IllegalArgumentException if mentions of a chain overlap and neither is within the other
   */
  static String text(List<CoreferenceDocument> documents) {
    StringBuilder text = new StringBuilder();
    documents.forEach(document -> append(text, document));
    return text.toString();
  }

  private static void append(StringBuilder text, CoreferenceDocument document) {
    text.append("#begin document ").append(document.title()).append('\n');
    List<String> chains = ChainColumn.write(document.chains(), document.length());
    String part = document.part().isEmpty() ? "0" : document.part();
    int word = 0;
    for (CoreferenceDocument.Sentence sentence : document.sentences()) {
      for (int i = 0; i < sentence.words().size(); i++) {
        String form = sentence.words().get(i).isEmpty() ? "-" : sentence.words().get(i);
        text.append(
            String.join(
                "\t",
                document.name(),
                part,
                Integer.toString(i),
                form,
                "-",
                "*",
                "-",
                "-",
                "-",
                sentence.speakers().get(i),
                "*",
                chains.get(word++)));
        text.append('\n');
      }
      text.append('\n');
    }
    text.append("#end document\n");
  }
}
