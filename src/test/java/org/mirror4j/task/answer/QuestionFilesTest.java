package org.mirror4j.task.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mirror4j.task.answer.SquadText.question;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.file.FileException;
import org.mirror4j.task.TextSpan;

class QuestionFilesTest {
  @TempDir Path folder;

  private List<Question> squad(String text) throws IOException {
    return SquadFile.read(Files.writeString(folder.resolve("f.json"), text));
  }

  private List<Question> mrqa(String text) throws IOException {
    return MrqaFile.read(Files.writeString(folder.resolve("f.jsonl"), text), notice -> {});
  }

  @Test
  void squadCountsCodePoints() throws IOException {
    String context = "\ud83d\ude00 caf\u00e9 \ud83d\ude00 in Rome";
    String text =
        SquadText.of(
            context,
            "{\"id\":\"1\",\"question\":\"Where?\",\"answers\":[{\"text\":\"Rome\",\"answer_start\":12},{\"text\":\"in"
                + " Rome\",\"answer_start\":9}],\"is_impossible\":false,\"more\":1}",
            question("2", context));
    List<Question> questions = squad(text);
    assertThat(questions).hasSize(2);
    Question first = questions.getFirst();
    assertThat(first)
        .isEqualTo(
            new Question(
                "1",
                "Where?",
                context,
                List.of("Rome", "in Rome"),
                List.of(new TextSpan(14, 18), new TextSpan(11, 18))));
    assertThat(first.spans().getFirst().of(context)).isEqualTo("Rome");
    assertThat(first.hasAnswer()).isTrue();
    assertThat(questions.getLast().hasAnswer()).isFalse();
  }

  @Test
  void mrqaSpansIncludeTheirEnds() throws IOException {
    List<String> notices = new ArrayList<>();
    String line =
        "{\"context\":\"\ud83d\ude00 The U . S ."
            + " won\",\"qas\":[{\"qid\":\"q\",\"question\":\"Who?\","
            + "\"answers\":[\"U.S.\",\"America\"],\"detected_answers\":[{\"text\":\"U.S.\","
            + "\"char_spans\":[[6,12],[6,10]]}]}]}";
    Path file = Files.writeString(folder.resolve("f"), "{\"header\":{}}\n" + line + "\n\n");
    List<Question> questions = MrqaFile.read(file, notices::add);
    assertThat(questions).hasSize(1);
    assertThat(questions.getFirst().answers()).containsExactly("U.S.", "America");
    assertThat(questions.getFirst().spans())
        .containsExactly(new TextSpan(7, 12), new TextSpan(7, 14));
    assertThat(questions.getFirst().spans().getLast().of(questions.getFirst().context()))
        .isEqualTo("U . S .");
    assertThat(notices).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {"id":"1","question":"?","answers":[{"text":"cat","answer_start":4}]} | : question '1': the context has 'at' at 4, expected the answer 'cat'
          {"id":"1","question":"?","answers":[{"text":"at","answer_start":-1}]} | : question '1': the context has '' at -1, expected the answer 'at'
          {"id":"1","question":"?","answers":[{"text":"at","answer_start":99}]} | : question '1': the context has '' at 99, expected the answer 'at'
          {"id":"1","question":"?","answers":[{"text":"","answer_start":0}]}    | : question '1': an answer is empty, expected a text
          {"id":"1","question":"?","answers":[{"text":"cat"}]}                  | : question '1': 'answer_start' missing, expected an integer
          {"id":"1","question":"?"}                                             | : question '1': 'answers' missing, expected an array
          {"id":"1","question":"?","answers":[3]}                               | : question '1': 3, expected an object
          {"id":"1","answers":[]}                                               | : question '1': 'question' missing, expected a string
          {"question":"?","answers":[]}                                         | : article 1: 'id' missing, expected a string
          {"id":3,"question":"?","answers":[]}                                  | : article 1: 'id' is 3, expected a string
          {"id":"1","question":"?","answers":[{"text":"cat","answer_start":3}],"is_impossible":true} | : question '1' has 1 answers and is_impossible true, expected one or the other
          {"id":"1","question":"?","answers":[],"is_impossible":false}          | : question '1' has 0 answers and is_impossible false, expected one or the other
          {"id":"0","question":"?","answers":[]}                                | : question '0' is there twice, expected each id once
          """)
  void squadThatIsWrong(String wrong, String message) throws IOException {
    String text = SquadText.of("my cat", question("0", "my cat", "my"), wrong);
    assertThatThrownBy(() -> squad(text))
        .isInstanceOf(FileException.class)
        .hasMessage(folder.resolve("f.json") + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {"data": []}                    | : no question, expected one at least
          {"data": [{}]}                  | : article 1: 'paragraphs' missing, expected an array
          {"context": "", "qas": []}      | : 'data' missing, expected an array
          [{"token": []}]                 | : an array at the top, expected an object with 'data'
          """)
  void filesOfOtherForms(String text, String message) {
    assertThatThrownBy(() -> squad(text))
        .isInstanceOf(FileException.class)
        .hasMessage(folder.resolve("f.json") + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          "answers":[],"detected_answers":[]       | :1: question 'q' has no answer, expected one at least
          "answers":[1],"detected_answers":[]      | :1: question 'q': an answer is 1, expected a string
          "answers":["cat"]                        | :1: question 'q': 'detected_answers' missing, expected an array
          "answers":["cat"],"detected_answers":[{"text":"cat","char_spans":[[0,1]]}] | :1: question 'q': the context has 'my' at 0 to 1, expected the answer 'cat'
          "answers":["cat"],"detected_answers":[{"text":"cat","char_spans":[[3,6]]}] | :1: question 'q': a span is [3,6], expected the first and last character of an answer in the context
          "answers":["cat"],"detected_answers":[{"text":"cat","char_spans":[[3,2147483647]]}] | :1: question 'q': a span is [3,2147483647], expected the first and last character of an answer in the context
          "answers":["cat"],"detected_answers":[{"text":"cat","char_spans":[5]}]     | :1: question 'q': a span is 5, expected the first and last character of an answer in the context
          """)
  void mrqaThatIsWrong(String wrong, String message) {
    String line = "{\"context\":\"my cat\",\"qas\":[{\"qid\":\"q\",\"question\":\"?\",%s}]}";
    assertThatThrownBy(() -> mrqa(line.formatted(wrong)))
        .isInstanceOf(FileException.class)
        .hasMessage(folder.resolve("f.jsonl") + message);
  }

  @Test
  void mrqaOfOtherFiles() {
    assertThatThrownBy(() -> mrqa("{\"data\":[]}\n"))
        .hasMessage(folder.resolve("f.jsonl") + ":1: 'context' missing, expected a string");
    assertThatThrownBy(() -> mrqa("{\"header\":{}}\n"))
        .hasMessage(folder.resolve("f.jsonl") + ": no question, expected one at least");
  }
}
