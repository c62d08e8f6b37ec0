/** mirror4j's encoders in LangChain4j. */
package org.mirror4j.langchain4j;
