package org.mirror4j.file;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvColumnsTest {
  @TempDir Path folder;

  private String written(CsvColumns columns, ObjectNode... rows) throws Exception {
    Path file = folder.resolve("table.csv");
    columns.write(file, Stream.of(rows));
    return Files.readString(file);
  }

  @Test
  void fieldsOfEveryKind() throws Exception {
    ObjectNode row = JsonFiles.object();
    row.put("text", "a \"cup\", of\ntea").put("blank", " b").put("whole", 1379).put("flag", true);
    row.put("real", 1e-7).put("undefined", (Double) null);
    row.putArray("list").add(0.5).addNull().add(2);
    row.putObject("deep").putArray("ends").add(-1.5).add(3);
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      assertThat(
              written(
                  CsvColumns.of(
                      "text",
                      "blank",
                      "whole",
                      "flag",
                      "real",
                      "undefined",
                      "absent",
                      "list",
                      "low=/deep/ends/0",
                      "none=/deep/ends/2"),
                  row,
                  JsonFiles.object()))
          .isEqualTo(
              """
              text,blank,whole,flag,real,undefined,absent,list,low,none
              "a ""cup"", of
              tea"," b",1379,true,1.0E-7,,,0.5;;2,-1.5,
              ,,,,,,,,,
              """);
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void aTableWithoutRowsHasAHeader() throws Exception {
    assertThat(written(CsvColumns.of("a,b", "c"))).isEqualTo("\"a,b\",c\n");
  }
}
