package org.mirror4j.task.coreference;

import java.util.List;

/**
 * Writes documents in the twelve columns of CoNLL-2012, tabs between: name, part, number of the
 * word in its sentence, word, six that nothing is known of but the speaker, named entities of which
 * nothing is known either, chains. {@link ConllReader} and the reference scorer read it.
 */
public final class ConllWriter {
  private ConllWriter() {}

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
                // A file's name may have blanks, which would part it into columns.
                document.name().replaceAll("\\s", "_"),
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
