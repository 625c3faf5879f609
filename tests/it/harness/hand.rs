//! What a customer's hand does on the pages, for cases in a browser.

use fantoccini::Locator;

use super::{Browser, Outcome};

impl Browser {
    /// The heading of the page.
    pub(crate) async fn heading(&self) -> anyhow::Result<String> {
        Ok(self.find(Locator::Css("h1")).await?.text().await?)
    }

    /// Writes into fields, each named by its CSS selector, and ticks both boxes of the acceptance page.
    pub(crate) async fn fill_in(&self, fields: &[(&str, &str)]) -> Outcome {
        for (field, text) in fields {
            self.find(Locator::Css(field))
                .await?
                .send_keys(text)
                .await?;
        }
        for label in ["label[for=read]", "label[for=authority]"] {
            self.find(Locator::Css(label)).await?.click().await?;
        }
        Ok(())
    }

    /// Accepts with these fields, and waits for the receipt.
    pub(crate) async fn sign(&self, fields: &[(&str, &str)]) -> Outcome {
        self.fill_in(fields).await?;
        self.find(Locator::Css("form[action='/accept'] button"))
            .await?
            .click()
            .await?;
        self.wait().for_element(Locator::Css(".stamp")).await?;
        Ok(())
    }
}
